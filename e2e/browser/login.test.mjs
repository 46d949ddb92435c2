// The login of the unmodified Node SDK: Chromium opens the page that the SDK passes to the system.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Lava } from "@lavapayments/nodejs";
import { desktop, launch, mock, phone, snap } from "./support.mjs";

let browser, dir, opened;

before(async () => {
  browser = await launch();
  dir = mkdtempSync(path.join(tmpdir(), "lava-login-"));
  opened = path.join(dir, "opened");
  const opener = path.join(dir, "xdg-open");
  writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > "${opened}.tmp" && mv "${opened}.tmp" "${opened}"\n`);
  chmodSync(opener, 0o755);
  process.env.PATH = `${dir}${path.delimiter}${process.env.PATH}`;
});
after(async () => {
  rmSync(dir, { recursive: true });
  await browser.close();
});

// login runs Lava.login() and does in the browser what click does.
async function login(t, options, click) {
  rmSync(opened, { force: true });
  const credentials = Lava.login({ baseUrl: mock });
  while (!existsSync(opened)) await sleep(10); // the opener is another process
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(readFileSync(opened, "utf8"));
  await click(page);
  await page.getByText("Authenticated").waitFor();
  return credentials;
}

async function works(key) {
  return Array.isArray((await new Lava(key, { baseUrl: `${mock}/v1/` }).meters.list()).data);
}

test("signing in gives the first merchant's credentials", async (t) => {
  const got = await login(t, desktop, async (page) => {
    await snap(page, page.mainFrame(), "login-desktop-light");
    await page.getByRole("button", { name: "Sign in" }).click();
  });
  assert.ok(await works(got.secret_key));
  assert.match(got.merchant_id, /^mer_test_/);
  assert.match(got.wallet_id, /^wal_test_/);
});

test("signing up creates another merchant", async (t) => {
  const press = (name) => (page) => page.getByRole("button", { name }).click();
  const first = await login(t, desktop, press("Sign in"));
  const other = await login(t, { ...phone, colorScheme: "dark" }, async (page) => {
    await snap(page, page.mainFrame(), "login-phone-dark");
    await press("Sign up as a new merchant")(page);
  });
  assert.ok(await works(other.secret_key));
  assert.notEqual(other.merchant_id, first.merchant_id);
});

test("a page with nothing to go back to says so", async (t) => {
  const context = await browser.newContext(desktop);
  t.after(() => context.close());
  const page = await context.newPage();
  const response = await page.goto(`${mock}/auth/connect?state=x`);
  assert.equal(response.status(), 400);
  await page.getByText("This login can't continue").waitFor();
  await snap(page, page.mainFrame(), "login-problem");
});
