// Every way to reach the tools: lava-mcp over stdio and over HTTP, and the mock
// server itself.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { environment, fail, folder, origin, overHTTP, overStdio, secretKey, serve, use } from './setup.mjs';
import { tutorial } from './tutorial.mjs';

const ways = {
  'lava-mcp over stdio': async (t) => overStdio(t, environment(await folder(t), { LAVA_SECRET_KEY: secretKey })),
  'lava-mcp over HTTP': async (t) => overHTTP(t, await serve(t, environment(await folder(t), { LAVA_SECRET_KEY: secretKey }))),
  'lavamock at /mcp': async (t) => overHTTP(t, `${origin}/mcp`),
};

const names = [
  'add_funds', 'call', 'create_checkout_session', 'create_meter', 'create_plan', 'get_balance', 'get_provider_docs',
  'get_subscription', 'get_usage',
  'list_customers', 'list_meters', 'list_plans', 'login', 'prompt', 'search',
];

for (const [index, [way, connect]] of Object.entries(ways).entries()) {
  test(way, { timeout: 60_000 }, async (t) => {
    const client = await connect(t);

    await t.test('lists its tools', async () => {
      const { tools } = await client.listTools();
      const ofTheMock = way.startsWith('lavamock') ? ['mock'] : [];
      assert.deepEqual(tools.map((tool) => tool.name).sort(), [...names, ...ofTheMock].sort());
      for (const { name, description, inputSchema, outputSchema, annotations } of tools) {
        assert.ok(description, name);
        assert.equal(inputSchema.type, 'object', name);
        if (name !== 'mock') assert.equal(outputSchema.type, 'object', name); // its results depend on the operation
        assert.equal(annotations.readOnlyHint, /^(list|get)_|^search$/.test(name), name);
        assert.equal(annotations.destructiveHint, ['call', 'add_funds', 'mock'].includes(name), name);
      }
      assert.equal(client.getServerVersion().name, 'lava');
      assert.match(client.getInstructions(), /login first/);
    });

    await t.test('knows who it is', async () => {
      const login = await use(client, 'login');
      assert.equal(login.status, 'logged_in');
      assert.equal(login.api_url, `${origin}/v1/`);
    });

    await t.test('finds and prompts models', async () => {
      const { services } = await use(client, 'search', { query: 'gpt-4o-mini', provider: 'openai' });
      assert.equal(services[0].id, 'gpt-4o-mini');
      assert.equal(services[0].pricing.input, '0.15');
      const docs = await use(client, 'get_provider_docs', { provider: services[0].provider });
      assert.equal(docs.name, 'OpenAI');
      const reply = await use(client, 'prompt', { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] });
      assert.ok(reply.content);
      assert.equal(reply.usage.input_tokens + reply.usage.output_tokens, reply.usage.total_tokens);
    });

    await t.test('funds the wallet', async () => {
      const { balance } = await use(client, 'get_balance');
      const { cards, ...shown } = await use(client, 'add_funds');
      assert.deepEqual(shown, { balance }, 'nothing is charged without an amount');
      assert.equal(cards[0].last4, '4242');
      const added = await use(client, 'add_funds', { amount: '12.50', payment_method_id: cards[0].payment_method_id });
      assert.equal(added.status, 'completed');
      assert.equal(Number(added.balance) - Number(balance), 12.5);
      assert.equal((await use(client, 'get_balance')).balance, added.balance);
      assert.match(await fail(client, 'add_funds', { amount: '1' }), /amount/);
    });

    await t.test('does the tutorial', () => tutorial(client, `+1555123450${index}`));

    await t.test('explains errors', async () => {
      assert.match(await fail(client, 'prompt', { model: 'gpt-4o-mni', messages: [{ role: 'user', content: 'Hi' }] }), /nearest models: gpt-4o-mini/);
      assert.match(await fail(client, 'create_plan', { name: 'P', period_amount: 49, billing_interval: 'month' }), /bad arguments: period_amount: /);
      assert.match(await fail(client, 'call', { url: 'https://api.openai.com/v1/models', customer_id: 'con_1' }), /meter_slug: /);
    });
  });
}

test('a customer without credit', async (t) => {
  const client = await overHTTP(t, `${origin}/mcp`);
  const meter = await use(client, 'create_meter', { name: 'M', rate_type: 'fixed', tier_type: 'requests', tiers: [{ rate: '1' }] });
  const created = await fetch(`${origin}/v1/customers`, { // on the plan Free, which has no credit
    method: 'POST', headers: { Authorization: `Bearer ${secretKey}` }, body: JSON.stringify({ reference_id: 'poor' }),
  });
  assert.equal(created.status, 201);
  const said = await fail(client, 'call', {
    url: 'https://api.openai.com/v1/chat/completions', customer_id: 'poor', meter_slug: meter.meter_slug,
    body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] },
  });
  assert.match(said, /insufficient_credits/);
  assert.match(said, /create_checkout_session/);
});

test('web pages may not use the tools', async (t) => {
  const own = await serve(t, environment(await folder(t), { LAVA_SECRET_KEY: secretKey }));
  for (const url of [own, `${origin}/mcp`]) {
    for (const headers of [{ Host: 'evil.example.com' }, { Origin: 'https://evil.example.com' }]) {
      const status = await new Promise((resolve, reject) => {
        request(url, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject).end('{}');
      });
      assert.equal(status, 403, `${url} ${JSON.stringify(headers)}`);
    }
  }
});
