// Creates the golden forward tokens with the Node SDK:
//   node tokens.mjs <path of @lavapayments/nodejs/dist/index.mjs> <secret key>
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [, , sdk, key] = process.argv;
const { Lava } = await import(pathToFileURL(sdk));

const strange = 'a<b>&c"d\\e/f\u2028g\u2029h\x00\b\f\n\r\t\x1f\x7fé😀\\u2028+';
const customer = { customer_id: "con_1", meter_slug: "chat" };
const generated = {
  merchant: {},
  "merchant, own key": { provider_key: "sk-1" },
  meter: { meter_slug: "chat" },
  "meter, own key": { meter_slug: "chat", provider_key: "sk-1" },
  customer,
  "customer, own key": { ...customer, provider_key: "sk-1" },
  "customer, not billed": { ...customer, disable_billing: true },
  "customer, all": { ...customer, provider_key: "sk-1", disable_billing: true },
  "provider key": { customer_id: null, meter_slug: null, provider_key: "sk-1" },
  "strange characters": { customer_id: strange, meter_slug: strange, provider_key: strange },
};
const sent = {
  "gateway, merchant": { provider_key: "sk-1" },
  "gateway, provider key": { customer_id: null, meter_slug: null, provider_key: "sk-1" },
  "gateway, meter": { meter_slug: "chat", provider_key: "sk-1" },
  "gateway, customer": { customer_id: "con_1", meter_slug: strange, disable_billing: true },
};

const tokens = {};
const lava = new Lava(key);
for (const [name, options] of Object.entries(generated)) {
  tokens[name] = lava.generateForwardToken(options);
}
let token;
const server = createServer((req, res) => {
  token = req.headers.authorization.slice("Bearer ".length);
  res.end("{}");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const local = new Lava(key, { baseUrl: `http://127.0.0.1:${server.address().port}/v1/` });
for (const [name, options] of Object.entries(sent)) {
  await local.gateway("https://api.openai.com/v1/x", options);
  tokens[name] = token;
}
server.close();
console.log(JSON.stringify(tokens, null, 2));
