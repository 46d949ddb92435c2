import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Lava } from '@lavapayments/nodejs';
import { check, page, RestAuthCredentials, RestSecretKey } from './shapes.mjs';
import { baseUrl, origin } from './setup.mjs';

// The browser that login() opens is the program xdg-open: in this test, one that reads the page and presses the first
// button of its form.
const browser = `#!${process.execPath}
const attributes = (tag) => Object.fromEntries([...tag.matchAll(/(\\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
fetch(process.argv[2]).then(async (page) => {
  const form = (await page.text()).match(/<form method="post">.*?<\\/button>|$/s)[0];
  const fields = [...form.matchAll(/<(input|button)[^>]*>/g)].map(([tag]) => attributes(tag));
  await fetch(page.url, {
    method: 'POST',
    headers: { Origin: new URL(page.url).origin },
    body: new URLSearchParams(fields.map(({ name, value }) => [name, value])),
  });
});
`;

let bin;
before(async () => {
  bin = await mkdtemp(join(tmpdir(), 'lava-e2e-'));
  await writeFile(join(bin, 'xdg-open'), browser);
  await chmod(join(bin, 'xdg-open'), 0o755);
  process.env.PATH = bin + delimiter + process.env.PATH;
});
after(() => rm(bin, { recursive: true }));

const skip = process.platform !== 'linux' && 'another program than xdg-open opens the browser';

test('login() signs in with the browser', { skip, timeout: 20_000 }, async () => {
  const credentials = check(await Lava.login({ baseUrl: origin }), RestAuthCredentials);
  const lava = new Lava(credentials.secret_key, { baseUrl });
  const keys = check(await lava.secretKeys.list(), page(RestSecretKey));
  assert.ok(keys.data.some((key) => key.secret_key_id === credentials.secret_key_id));
});

test('exchangeAuthCode() rejects wrong codes', async () => {
  for (const [code, status] of [['code_none', 401], ['', 400], [undefined, 400]]) {
    await assert.rejects(Lava.exchangeAuthCode({ code, baseUrl }), new RegExp(`Lava API Error: ${status} .* - .*code`));
  }
});
