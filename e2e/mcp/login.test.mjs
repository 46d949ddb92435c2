// An agent without credentials: it logs in, and does the whole tutorial.

import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { agree } from './browser.mjs';
import { environment, fail, folder, origin, overHTTP, overStdio, secretKey, serve, use } from './setup.mjs';
import { tutorial } from './tutorial.mjs';

const hello = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };

test('login in the browser', { timeout: 60_000 }, async (t) => {
  const home = await folder(t);
  const env = environment(home);
  const client = await overStdio(t, env);
  assert.match(await fail(client, 'prompt', hello), /not logged in: call the tool login/);

  const progress = [];
  const login = await use(client, 'login', {}, { onprogress: ({ message }) => progress.push(message) });
  assert.equal(login.status, 'logged_in');
  assert.match(progress[0], /Waiting for the person/);

  const file = join(home, process.platform === 'darwin' ? 'Library/Application Support' : '', 'lava-mcp', 'credentials.json');
  assert.equal(login.key_from, file);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const kept = JSON.parse(await readFile(file, 'utf8'))[origin];
  assert.equal(kept.merchant_id, login.merchant_id);
  assert.ok(kept.secret_key.startsWith('aks_test_'));
  assert.equal(kept.spend_key_id, login.spend_key_id);
  for (const key of [kept.secret_key, kept.spend_key]) assert.ok(!JSON.stringify(login).includes(key));

  await t.test('prompts, with its own spend key', async () => {
    assert.ok((await use(client, 'prompt', hello)).content);
    const response = await fetch(`${origin}/v1/spend_keys/${login.spend_key_id}`, { headers: { Authorization: `Bearer ${secretKey}` } });
    assert.equal((await response.json()).total_requests, 1);
  });
  await t.test('does the tutorial', () => tutorial(client, '+15551234510'));
  await t.test('stays logged in, over HTTP too', async (t) => {
    const next = await overHTTP(t, await serve(t, { ...env, BROWSER: 'false' }));
    assert.deepEqual(await use(next, 'login'), login);
    assert.ok((await use(next, 'prompt', hello)).content);
  });
});

test('login without a browser', { timeout: 60_000 }, async (t) => {
  const client = await overHTTP(t, await serve(t, environment(await folder(t), { BROWSER: 'false' })));
  const waiting = await use(client, 'login');
  assert.equal(waiting.status, 'waiting');
  assert.ok(waiting.login_url.startsWith(`${origin}/auth/connect?state=`));
  await agree(waiting.login_url);
  assert.equal((await use(client, 'login')).status, 'logged_in');
  await tutorial(client, '+15551234511');
});
