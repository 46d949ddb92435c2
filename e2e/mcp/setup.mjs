// Shared by all tests: the official client, connected in every possible way, and the person who logs in and checks
// out.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const { LAVA_API_URL, LAVA_APP_URL, LAVA_SECRET_KEY, LAVA_MCP, PATH } = process.env;

/** The mock server that the tests run against. */
export const origin = LAVA_API_URL;
export const secretKey = LAVA_SECRET_KEY;

/** A command that opens pages, and agrees to what they ask. */
export const browser = `${process.execPath} ${fileURLToPath(new URL('browser.mjs', import.meta.url))}`;

/** A folder that is removed after the test. */
export async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), 'lava-mcp-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

/** The environment of a person who has not logged in. */
export const environment = (home, more) => ({
  PATH, HOME: home, XDG_CONFIG_HOME: home, LAVA_API_URL, LAVA_APP_URL, BROWSER: browser, ...more,
});

/** Connects over stdio to a lava-mcp that the client starts. */
export const overStdio = (t, env) => connect(t, new StdioClientTransport({ command: LAVA_MCP, env, stderr: 'inherit' }));

/** Connects over HTTP. */
export const overHTTP = (t, url) => connect(t, new StreamableHTTPClientTransport(new URL(url)));

async function connect(t, transport) {
  const client = new Client({ name: 'lava-go-e2e', version: '1.0.0' });
  await client.connect(transport);
  t.after(() => client.close());
  await client.listTools(); // from now on, it validates results against their schemas
  return client;
}

/** Starts lava-mcp -http and returns its address. */
export async function serve(t, env, ...args) {
  const server = spawn(LAVA_MCP, ['-http', '127.0.0.1:0', ...args], { env, stdio: ['ignore', 'inherit', 'pipe'] });
  const ended = new Promise((resolve) => server.on('exit', resolve));
  t.after(async () => {
    server.kill('SIGTERM');
    assert.equal(await ended, 0, 'it stops cleanly on SIGTERM');
  });
  for await (const line of createInterface({ input: server.stderr })) {
    const url = line.match(/listening on (\S+)/)?.[1];
    if (url) return url;
  }
  throw new Error('lava-mcp did not start');
}

/** Calls a tool that must succeed, and returns its structured content. */
export async function use(client, name, args = {}, options) {
  const result = await client.callTool({ name, arguments: args }, undefined, options);
  assert.ok(!result.isError, `${name}: ${JSON.stringify(result.content)}`);
  assert.ok(!JSON.stringify(result).includes(secretKey), `${name} shows the secret key`);
  return result.structuredContent;
}

/** Calls a tool that must fail, and returns the error text. */
export async function fail(client, name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(result.isError, `${name} succeeded: ${JSON.stringify(result)}`);
  return result.content.map(({ text }) => text).join('\n');
}

/** Pays a checkout, as the customer does in the browser. */
export async function pay(session, phone) {
  const response = await fetch(`${origin}/_mock/checkout_sessions/${session.checkout_session_id}/complete`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secretKey}` },
    body: JSON.stringify({ phone }),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}
