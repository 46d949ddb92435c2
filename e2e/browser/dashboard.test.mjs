// The page of the mock server, in Chromium.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch } from "./support.mjs";

const { FURNISHED_URL, EMPTY_URL, BUSY_URL, HOSTILE_URL, READ_ONLY_URL, ARTIFACTS } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const home = "/_mock/ui/";

const looks = {
  "desktop-light": { viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  "desktop-dark": { viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  "phone-light": { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: "light" },
  "phone-dark": { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: "dark" },
};

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

// visit opens a page, and fails the test for whatever the browser complains about.
async function visit(t, url, options = looks["desktop-light"]) {
  const context = await browser.newContext({ ...options, bypassCSP: false });
  t.after(() => context.close());
  const page = await context.newPage();
  page.broken = [];
  page.on("pageerror", (e) => page.broken.push(e.message));
  page.on("console", (m) => { if (m.type() === "error" && !m.text().startsWith("Failed to load resource")) page.broken.push(m.text()); });
  page.on("request", (r) => { if (!r.url().startsWith(new URL(url).origin) && !r.url().startsWith("data:")) page.broken.push(`asked for ${r.url()}`); });
  page.on("dialog", (d) => { page.broken.push(`a dialog: ${d.message()}`); d.dismiss(); });
  t.after(() => assert.deepEqual(page.broken, []));
  await page.goto(url);
  return page;
}

// isLive waits until the page has caught up with the server.
const isLive = (page) => page.waitForFunction(() => !document.getElementById("live").hidden);

// look takes a screenshot, and has axe look for what keeps people out.
async function look(page, name) {
  await page.screenshot({ path: path.join(ARTIFACTS, `dashboard-${name}.png`), fullPage: name.includes("full") });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name}: the page is ${wide} pixels wider than the screen`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(" ")}`), [], name);
}

const pages = {
  home: "", calls: "calls", customers: "customers", plans: "plans", webhooks: "webhooks", faults: "faults", providers: "providers",
};

for (const [name, options] of Object.entries(looks)) {
  test(`every page, ${name}`, async (t) => {
    const page = await visit(t, FURNISHED_URL + home, options);
    for (const [what, where] of Object.entries(pages)) {
      await page.goto(FURNISHED_URL + home + where);
      await isLive(page);
      await look(page, `${name}-${what}`);
    }
    await page.goto(`${FURNISHED_URL + home}calls?endpoint=gateway.forward`);
    await page.locator("#calls tr th a").first().click();
    await page.getByRole("heading", { name: "Request", exact: true }).waitFor();
    await look(page, `${name}-call-full`);
    await page.goto(FURNISHED_URL + home);
    await page.locator("#customers").getByRole("link", { name: "ada" }).click();
    await page.getByRole("heading", { name: "Usage by day" }).waitFor();
    await look(page, `${name}-customer`);
    await look(page, `${name}-customer-full`);
    await page.goto(`${FURNISHED_URL + home}webhooks`);
    await page.locator("#deliveries tr th a").first().click();
    await page.getByRole("heading", { name: /Attempts/ }).waitFor();
    await look(page, `${name}-delivery`);
    await page.goto(`${FURNISHED_URL + home}plans?meter=${await page.locator("nothing").count() || ""}`);
    await page.goto(EMPTY_URL + home);
    await look(page, `${name}-empty`);
  });
}
