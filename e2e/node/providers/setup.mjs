// The SDKs are unmodified: fetch sends their requests for a provider's host to the gateway's forward endpoint.

import assert from 'node:assert/strict';
import { baseUrl, lava, origin, payer } from '../setup.mjs';

export { lava };
export const { meter, token } = await payer();
export const question = 'Why is the sky blue?';
export const answer = `This is a mock response to: ${question}`;
export const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, chance: { type: 'number', minimum: 0, maximum: 0.5 } },
  required: ['city', 'chance'],
  additionalProperties: false,
};

const direct = globalThis.fetch;
let last;

globalThis.fetch = async (input, init) => {
  const request = input instanceof Request ? input : undefined;
  const url = request?.url ?? String(input);
  if (url.startsWith(origin)) return direct(input, init);
  const target = `${baseUrl}forward?u=${encodeURIComponent(url)}`;
  last = await direct(request ? new Request(target, request) : target, request ? undefined : init);
  return last;
};

/** Checks that the last request is recorded, with its provider and tokens. */
export async function metered(provider, input, output) {
  const record = await lava.requests.retrieve(last.headers.get('x-lava-request-id'));
  const { input_tokens, output_tokens } = record.model_usage;
  assert.deepEqual([record.provider, input_tokens, output_tokens], [provider, input, output]);
  assert.ok(input > 0, 'usage is never zero');
  return record;
}

/** Checks the data that a fake generated for the schema. */
export function fits(value) {
  const { city, chance } = typeof value === 'string' ? JSON.parse(value) : value;
  assert.equal(typeof city, 'string');
  assert.ok(chance >= 0 && chance <= 0.5, `${chance}`);
}

export async function all(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Checks that an error is of the SDK's class and has the provider's status and words. */
export async function rejected(call, kind, status = 429) {
  const error = await Promise.resolve(call).then(
    (value) => assert.fail(`not rejected: ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  assert.ok(kind.isInstance?.(error) ?? error instanceof kind, `${error?.constructor?.name}: ${error?.stack}`);
  assert.equal(error.status ?? error.statusCode ?? error.$metadata?.httpStatusCode, status);
  assert.match(error.message, /slow down/);
}
