import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, page, RestCustomer, RestCustomerSubscriptionResponse, success } from './shapes.mjs';
import { all, lava, refused } from './setup.mjs';

test('a customer from create to delete', async () => {
  const customer = check(await lava.customers.create({
    reference_id: 'user-1',
    email: 'ada@example.com',
    phone: '+15551234567',
    name: 'Ada King Lovelace',
    metadata: { team: 'blue', seats: 3 },
  }), RestCustomer);
  assert.deepEqual(customer.contact, {
    phone: '+15551234567',
    email: 'ada@example.com',
    first_name: 'Ada',
    last_name: 'King Lovelace',
  });
  assert.equal(customer.subscription.name, 'Free');
  assert.deepEqual(await lava.customers.retrieve(customer.customer_id), customer);
  assert.deepEqual(await lava.customers.retrieve('user-1'), customer, 'by its reference id');
  assert.deepEqual(await lava.customers.create({ reference_id: 'user-1' }), customer, 'the same customer');

  const subscription = check(await lava.customers.getSubscription('user-1'), RestCustomerSubscriptionResponse);
  assert.equal(subscription.subscription.subscription_id, customer.subscription.subscription_id);

  const updated = check(await lava.customers.update(customer.customer_id, { name: 'Grace', metadata: null }), RestCustomer);
  assert.deepEqual([updated.contact.first_name, updated.contact.last_name], ['Grace', '']);
  assert.equal(updated.contact.email, 'ada@example.com', 'absent is unchanged');
  assert.equal(updated.metadata, null);
  const cleared = check(await lava.customers.update(customer.customer_id, { reference_id: null, email: null }), RestCustomer);
  assert.deepEqual([cleared.reference_id, cleared.contact.email], [null, '']);

  check(await lava.customers.delete(customer.customer_id), success);
  await refused(lava.customers.retrieve(customer.customer_id), 404, 'not_found', customer.customer_id);
});

test('lists have pages', async () => {
  const ids = [];
  for (let i = 0; i < 5; i++) ids.unshift((await lava.customers.create({})).customer_id);
  check(await lava.customers.list(), page(RestCustomer));
  const items = await all((params) => lava.customers.list(params));
  assert.deepEqual(items.slice(0, 5).map((customer) => customer.customer_id), ids);
});

test('bad input names the field', async () => {
  await lava.customers.create({ reference_id: 'taken' });
  const { customer_id } = await lava.customers.create({});
  const bad = async (params, word) => {
    await refused(lava.customers.create(params), 400, 'invalid_request', word);
    await refused(lava.customers.update(customer_id, params), 400, 'invalid_request', word);
  };
  await bad({ reference_id: 'con_1' }, 'reference_id');
  await bad({ reference_id: 'x'.repeat(256) }, 'reference_id');
  await bad({ name: 'x'.repeat(256) }, 'name');
  await bad({ phone: '555' }, 'phone');
  await bad({ email: 'nobody' }, 'email');
  await bad({ metadata: ['x'] }, 'metadata');
  await bad({ metadata: { x: 'x'.repeat(16 * 1024) } }, 'metadata');
  await refused(lava.customers.update(customer_id, { reference_id: 'taken' }), 409, 'conflict', 'reference_id');
  await refused(lava.customers.list({ limit: -1 }), 400, 'invalid_request', 'limit');
  await refused(lava.customers.getSubscription('con_none'), 404, 'not_found', 'con_none');
  await refused(lava.customers.delete('con_none'), 404, 'not_found', 'con_none');
});
