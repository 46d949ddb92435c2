import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, DeletedResponse, page, RestWebhook, RestWebhookCreate } from './shapes.mjs';
import { lava, refused } from './setup.mjs';

const url = 'https://app.example.com/hook';

test('a webhook from create to delete', async () => {
  const { webhook_secret, ...webhook } = check(await lava.webhooks.create({ name: 'Main', url }), RestWebhookCreate);
  assert.ok(webhook_secret);
  assert.deepEqual(check(await lava.webhooks.retrieve(webhook.webhook_id), RestWebhook), webhook);
  assert.deepEqual(check(await lava.webhooks.list(), page(RestWebhook)).data, [webhook]);
  const updated = check(await lava.webhooks.update(webhook.webhook_id, { name: 'Second' }), RestWebhook);
  assert.deepEqual(updated, { ...webhook, name: 'Second' });
  check(await lava.webhooks.delete(webhook.webhook_id), DeletedResponse);
  await refused(lava.webhooks.retrieve(webhook.webhook_id), 404, 'not_found', webhook.webhook_id);
});

test('bad webhooks, and too many', async () => {
  const bad = (params, word) => refused(lava.webhooks.create(params), 400, 'invalid_request', word);
  await bad({ url }, 'name');
  await bad({ name: 'x' }, 'url');
  await bad({ name: 'x', url: 'nowhere' }, 'url');
  await bad({ name: 'x', url: 'ftp://app.example.com' }, 'url');
  for (const name of ['1', '2', '3']) await lava.webhooks.create({ name, url });
  await refused(lava.webhooks.create({ name: '4', url }), 409, 'conflict', '3');
  await refused(lava.webhooks.update('wh_none', { name: 'x' }), 404, 'not_found', 'wh_none');
  await refused(lava.webhooks.delete('wh_none'), 404, 'not_found', 'wh_none');
});
