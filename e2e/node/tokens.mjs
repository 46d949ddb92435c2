// Prints the forward tokens that the official SDK creates: one line for each input line {"key","options","gateway"}.
// With gateway, the options are those of gateway(), which creates a token itself.

import { createInterface } from 'node:readline';
import { Lava } from '@lavapayments/nodejs';

let sent;
globalThis.fetch = async (_, request) => {
  sent = request.headers.Authorization.replace('Bearer ', '');
  return Response.json({});
};

for await (const line of createInterface({ input: process.stdin })) {
  const { key, options, gateway } = JSON.parse(line);
  const lava = new Lava(key);
  if (gateway) await lava.gateway('https://api.openai.com/v1/models', options);
  console.log(gateway ? sent : lava.generateForwardToken(options));
}
