// The API's responses: each type of the package's index.d.ts, key by key, with the formats that the type file can't
// express. parity.test.mjs compares the keys.

import assert from 'node:assert/strict';

const text = (value) => typeof value === 'string';
const words = (value) => typeof value === 'string' && value !== '';
const count = (value) => Number.isSafeInteger(value) && value >= 0;
const number = (value) => Number.isFinite(value);
const bool = (value) => typeof value === 'boolean';
const object = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const matches = (pattern) => (value) => typeof value === 'string' && pattern.test(value);
const money = matches(/^-?\d+\.\d{10}$/);
const decimal = matches(/^\d+(\.\d+)?$/);
const time = matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const date = matches(/^\d{4}-\d\d-\d\d$/);
const id = (prefix) => matches(new RegExp(`^${prefix}_test_[0-9A-HJKMNP-TV-Z]{26}$`));
const one = (...values) => (value) => values.includes(value);

class Optional {
  constructor(shape) {
    this.shape = shape;
  }
}
class Nullable extends Optional {}
const optional = (shape) => new Optional(shape);
const nullable = (shape) => new Nullable(shape);

const interval = one('day', 'week', 'month', 'year');
const rollover = one('full', 'none');
const unit = one('tokens_1m', 'characters_1m', 'minutes', 'requests');
const cycle = one('daily', 'weekly', 'monthly', 'total');

export const RestCheckoutSession = {
  checkout_session_id: id('cs'),
  checkout_session_token: words,
  checkout_mode: one('subscription', 'credit_bundle'),
  origin_url: words,
  customer_id: optional(id('con')),
  plan_id: optional(id('sc')),
  created_at: time,
  completed_at: optional(time),
};

export const RestCustomerContact = { phone: text, email: text, first_name: text, last_name: text };

export const RestCustomerSubscription = {
  subscription_id: id('sub'),
  plan_id: id('sc'),
  name: words,
  status: one('active', 'cancelled'),
};

export const RestCustomer = {
  customer_id: id('con'),
  reference_id: nullable(words),
  contact: RestCustomerContact,
  subscription: nullable(RestCustomerSubscription),
  metadata: nullable(object),
  created_at: time,
};

export const RestSubscriptionPlan = {
  name: words,
  period_amount: money,
  included_credit: money,
  billing_interval: interval,
  rollover_type: rollover,
  bundle_rollover_type: rollover,
};

export const RestSubscriptionCredits = { total_remaining: money, cycle_remaining: money, bundle_remaining: money };

export const RestPendingChange = {
  type: one('cancellation', 'downgrade'),
  effective_at: nullable(time),
  plan_id: optional(id('sc')),
  name: optional(words),
  period_amount: optional(money),
  included_credit: optional(money),
};

export const RestSubscriptionBase = {
  subscription_id: id('sub'),
  plan_id: id('sc'),
  status: one('active', 'cancelled'),
  auto_top_up_bundle_id: nullable(id('cb')),
  started_at: time,
  cancelled_at: nullable(time),
  cycle_start_at: nullable(time),
  cycle_end_at: nullable(time),
  plan: RestSubscriptionPlan,
  credits: RestSubscriptionCredits,
  pending_change: nullable(RestPendingChange),
};

export const RestCustomerSubscriptionResponse = { subscription: nullable(RestSubscriptionBase) };

export const RestSubscriptionCustomer = {
  phone: text,
  email: optional(words),
  first_name: optional(words),
  last_name: optional(words),
};

export const RestSubscription = {
  ...RestSubscriptionBase,
  customer_id: id('con'),
  customer: RestSubscriptionCustomer,
};

export const RestMeterTier = { start: number, rate: decimal, type: unit };

export const RestMeter = {
  meter_id: id('prd'),
  meter_slug: words,
  name: words,
  rate_type: one('fixed', 'percentage'),
  tiers: [RestMeterTier],
  created_at: time,
};

export const RestRequest = {
  request_id: words,
  status: one('pending', 'completed', 'error'),
  customer_id: optional(id('con')),
  meter_id: optional(id('prd')),
  provider: words,
  provider_key_type: one('managed', 'unmanaged', 'stored'),
  model: optional(words),
  endpoint: words,
  response_id: optional(words),
  model_usage: {
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    input_characters: count,
    output_characters: count,
    total_characters: count,
    input_seconds: number,
    output_seconds: number,
    total_seconds: number,
    input_cost: money,
    output_cost: money,
    total_cost: money,
  },
  cost: money,
  charge: {
    amount: money,
    rate_type: one('fixed', 'percentage'),
    breakdown: [{ tier: RestMeterTier, tokens: count, characters: count, seconds: number, cost: money }],
  },
  metadata: object,
  timestamp: optional(time),
  created_at: time,
};

const totals = { total_requests: count, total_usage_tokens: count, total_cost: money, total_charge: money };

export const RestUsage = { items: [{ date, start: time, end: time, ...totals }], totals };

export const RestPlanLinkedMeter = { meter_id: id('prd'), name: words };

export const RestPlanCreditBundle = { credit_bundle_id: id('cb'), name: words, cost: money, credit_amount: money };

export const RestPlan = {
  plan_id: id('sc'),
  merchant_id: id('mer'),
  name: words,
  period_amount: money,
  included_credit: money,
  billing_interval: interval,
  rollover_type: rollover,
  bundle_rollover_type: rollover,
  default_auto_top_up_bundle_id: nullable(id('cb')),
  linked_meters: [RestPlanLinkedMeter],
  credit_bundles: [RestPlanCreditBundle],
  created_at: time,
};

export const RestCreditBundle = { ...RestPlanCreditBundle, plan_id: id('sc'), created_at: time };

export const RestWebhook = { webhook_id: id('wh'), name: words, url: words, created_at: time };

export const RestWebhookCreate = { ...RestWebhook, webhook_secret: matches(/^whsec_[\w-]+$/) };

export const RestSecretKey = {
  secret_key_id: id('sk'),
  name: words,
  secret_key_hint: matches(/^.{4}$/),
  created_at: time,
};

export const RestSecretKeyCreate = { ...RestSecretKey, secret_key: matches(/^aks_test_[\w-]+$/) };

export const RestSpendKey = {
  spend_key_id: id('spk'),
  key_preview: matches(/^lava_sk_.{4,8}\*{4}$/),
  name: words,
  status: one('active', 'paused'),
  request_shape: one('openai', 'anthropic'),
  wallet_id: id('wal'),
  allowed_models: nullable([words]),
  allowed_providers: nullable([words]),
  spend_limit: nullable({ amount: money, cycle }),
  current_spend: money,
  total_spend: money,
  request_limit: nullable({ count, cycle }),
  current_requests: count,
  total_requests: count,
  rate_limit: nullable({ rpm: count, burst: nullable(count) }),
  expires_at: nullable(time),
  last_used_at: nullable(time),
  created_at: time,
};

export const RestSpendKeyCreated = { ...RestSpendKey, key: matches(/^lava_sk_[0-9a-f]+$/) };

export const RestAuthCredentials = {
  wallet_id: id('wal'),
  secret_key_id: id('sk'),
  secret_key: matches(/^aks_test_[\w-]+$/),
  merchant_id: id('mer'),
  account_id: id('acc'),
};

export const RestModel = { id: words, object: one('model'), created: count, owned_by: words };

export const RestModelList = { object: one('list'), data: [RestModel] };

export const DeletedResponse = { id: words, deleted: one(true) };

/** A response that only reports success. */
export const success = { success: one(true) };

/** A page of a list. */
export const page = (shape) => ({ data: [shape], has_more: bool, next_cursor: optional(words) });

/** The keys of a shape, with a question mark after optional ones. */
export const keys = (shape) =>
  Object.entries(shape).map(([key, kind]) => (kind instanceof Optional && !(kind instanceof Nullable) ? `${key}?` : key));

/** Checks that a value has exactly the keys of a shape, and the right values. */
export function check(value, shape, path = 'response') {
  if (shape instanceof Optional) {
    const nothing = shape instanceof Nullable ? null : undefined;
    if (value !== nothing) check(value, shape.shape, path);
  } else if (typeof shape === 'function') {
    assert.ok(shape(value), `${path} is ${JSON.stringify(value)}`);
  } else if (Array.isArray(shape)) {
    assert.ok(Array.isArray(value), `${path} is no array: ${JSON.stringify(value)}`);
    value.forEach((item, i) => check(item, shape[0], `${path}[${i}]`));
  } else {
    assert.ok(object(value), `${path} is no object: ${JSON.stringify(value)}`);
    const unknown = Object.keys(value).filter((key) => !(key in shape));
    assert.deepEqual(unknown, [], `${path} has keys that the package does not know`);
    for (const key in shape) check(value[key], shape[key], `${path}.${key}`);
  }
  return value;
}
