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

// visit opens a page, and fails the test for any complaint of the browser.
async function visit(t, url, options = looks["desktop-light"]) {
  const context = await browser.newContext({ ...options, bypassCSP: false });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
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

// look takes a screenshot, and checks accessibility with axe.
async function look(page, name) {
  await page.screenshot({ path: path.join(ARTIFACTS, `dashboard-${name}.png`) });
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
    await page.getByRole("heading", { name: "Ledger" }).waitFor();
    await look(page, `${name}-call`);
    await page.goto(FURNISHED_URL + home);
    await page.locator("#customers").getByRole("link", { name: "ada" }).click();
    await page.getByRole("heading", { name: "Usage by day" }).waitFor();
    await look(page, `${name}-customer`);
    await page.goto(`${FURNISHED_URL + home}webhooks`);
    await page.locator("#deliveries tr th a").first().click();
    await page.getByRole("heading", { name: /Attempts/ }).waitFor();
    await look(page, `${name}-delivery`);
    await look(await visit(t, EMPTY_URL + home, options), `${name}-empty`);
  });
}

test("every size between a phone and a wall", async (t) => {
  const page = await visit(t, FURNISHED_URL + home);
  for (const width of [360, 700, 1024, 3840]) {
    await page.setViewportSize({ width, height: 900 });
    for (const where of ["", "plans", "faults", "webhooks"]) {
      await page.goto(FURNISHED_URL + home + where);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${where} at ${width}: the page is ${wide} pixels wider than the screen`);
    }
  }
});

const key = (name) => process.env[`${name}_KEY`];
const api = (name, method, where, body) => fetch(`${process.env[`${name}_URL`]}/v1/${where}`, {
  method, headers: { authorization: `Bearer ${key(name)}`, "content-type": "application/json" }, body: body && JSON.stringify(body),
});

test("what happens is on the screen immediately", async (t) => {
  const page = await visit(t, BUSY_URL + home);
  await isLive(page);
  await api("BUSY", "GET", "meters"); // the page shows the tutorial until the first call
  await page.locator("#calls tr").first().waitFor();
  await page.evaluate(() => {
    window.seen = new Map();
    const note = () => {
      for (const row of document.querySelectorAll("#calls tr")) {
        if (!window.seen.has(row.id)) window.seen.set(row.id, performance.timeOrigin + performance.now());
      }
    };
    note();
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
  });
  const took = [];
  for (let i = 0; i < 20; i++) {
    const response = await api("BUSY", "GET", "customers");
    const ended = performance.timeOrigin + performance.now();
    const id = `call-${response.headers.get("x-lava-request-id")}`;
    await page.waitForFunction((id) => window.seen.has(id), id);
    took.push(await page.evaluate((id) => window.seen.get(id), id) - ended);
    await new Promise((done) => setTimeout(done, 60)); // one after the other, as people do
  }
  took.sort((a, b) => a - b);
  const middle = took[took.length >> 1];
  t.diagnostic(`measured ${middle.toFixed(0)} ms from a response to its row, in the middle of ${took.length}; at most ${took.at(-1).toFixed(0)} ms`);
  assert.ok(middle <= 100, `a call is seen after ${middle} ms`);
});

// isFresh waits until a page shows what it would show after a reload.
const isFresh = (page) => page.waitForFunction(async () => {
  const shown = (doc) => {
    const main = doc.getElementById("main").cloneNode(true);
    for (const e of main.querySelectorAll("time, .copy, .go, #said, [hidden]")) e.remove(); // times change
    return main.textContent.replace(/\s+/g, " ");
  };
  const response = await fetch(location.href);
  return shown(document) === shown(new DOMParser().parseFromString(await response.text(), "text/html"));
}, null, { polling: 200 });

test("live updates equal a reload", async (t) => {
  const { LIVE_URL } = process.env;
  const control = (what, form) => fetch(`${LIVE_URL}/_mock/${what}`, { method: "POST", headers: { authorization: `Bearer ${key("LIVE")}` }, body: new URLSearchParams(form) });
  const open = { home: await visit(t, LIVE_URL + home) };
  const look = async (name, where) => {
    open[name] ??= await open.home.context().newPage();
    await open[name].goto(LIVE_URL + home + where);
    await isLive(open[name]);
  };
  for (const [name, where] of Object.entries(pages)) await look(name, where);
  await api("LIVE", "POST", "meters", { name: "Live meter", rate_type: "fixed", tier_type: "requests", tiers: [{ start: "0", rate: "1" }] });
  await api("LIVE", "POST", "webhooks", { name: "Live webhook", url: "http://127.0.0.1:9/" });
  await control("scenarios", { name: "near_limit" }); // creates a plan and a meter without a call
  await api("LIVE", "POST", "customers", { reference_id: "ada" });
  for (const page of Object.values(open)) await isFresh(page);
  await look("customer", "customers/ada");
  for (const [name, list] of [["webhooks", "deliveries"], ["calls", "calls"]]) {
    await open[name].locator(`#${list} tr th a`).last().click(); // the oldest row
    await open[name].getByRole("heading", { name: name === "calls" ? "Response" : "Attempts" }).waitFor();
    await isLive(open[name]);
  }
  await control("clock", { advance: "1h" });
  await api("LIVE", "PUT", "customers/ada", { contact: { email: "ada@example.com" } });
  await control("failures", { endpoint: "plans.list" });
  await api("LIVE", "GET", "plans");
  for (const page of Object.values(open)) await isFresh(page);
  assert.match(await open.webhooks.locator("h1").innerText(), /failing/);
});

test("eight windows share one stream", async (t) => {
  const { LIVE_URL } = process.env;
  const first = await visit(t, `${LIVE_URL + home}calls`);
  const windows = [first];
  await isLive(first);
  let streams = 0;
  first.context().on("request", (r) => { if (r.url().endsWith("/changes")) streams++; });
  for (let i = 1; i < 8; i++) {
    const page = await first.context().newPage();
    await page.goto(`${LIVE_URL + home}calls`);
    await isLive(page);
    windows.push(page);
  }
  assert.equal(streams, 0, "the first window has the stream");
  await windows[5].getByRole("button", { name: "+1 hour" }).click();
  await windows[5].locator("#said .said").waitFor();
  const seen = async (windows) => {
    const response = await api("LIVE", "GET", "customers");
    for (const page of windows) await page.locator(`[id="call-${response.headers.get("x-lava-request-id")}"]`).waitFor();
  };
  await seen(windows);
  await first.close();
  await seen(windows.slice(1));
  assert.equal(streams, 1, "another window has taken over");
});

test("focus, scroll position and input stay", async (t) => {
  const page = await visit(t, BUSY_URL + home);
  await isLive(page);
  const day = page.locator("#clock-day");
  const before = await page.locator("#clock-date").textContent();
  await day.focus();
  await page.keyboard.press("Enter");
  await page.getByText("s.Advance(24 * time.Hour)").last().waitFor();
  await page.waitForFunction((before) => document.getElementById("clock-date").textContent !== before, before);
  assert.equal(await page.evaluate(() => document.activeElement.id), "clock-day");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#said .said").count(), 0);

  await page.goto(`${BUSY_URL + home}faults`);
  await isLive(page);
  await page.locator("[id='failures.arm-endpoint']").fill("customers.create");
  await page.locator("[id='failures.arm-status']").fill("503");
  await page.getByText('s.Fail(mockserver.Failure{Endpoint: "customers.create", Status: 503})').waitFor();
  await page.getByText("lavamock fail endpoint=customers.create status=503").waitFor();
  await page.getByRole("button", { name: "Arm", exact: true }).first().click();
  await page.locator("#armed-section").getByText("customers.create: status 503 before effect").waitFor();
  assert.equal(await page.locator("[id='failures.arm-endpoint']").inputValue(), "customers.create");
  assert.equal((await api("BUSY", "POST", "customers", {})).status, 503);
  for (const endpoint of ["plans.list", "meters.list"]) {
    await fetch(`${BUSY_URL}/_mock/failures`, { method: "POST", body: new URLSearchParams({ endpoint, status: 503 }) });
  }
  const disarm = page.locator("#armed-section").getByRole("button", { name: "Disarm" });
  await disarm.nth(2).waitFor();
  await disarm.nth(1).focus();
  await page.keyboard.press("Enter");
  await page.locator("#armed-section").getByText("plans.list").waitFor({ state: "detached" });
  assert.equal((await api("BUSY", "GET", "plans")).status, 200);
  assert.equal((await api("BUSY", "GET", "meters")).status, 503);
  assert.equal(await disarm.count(), 2);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-describedby")), await disarm.nth(1).getAttribute("aria-describedby"), "the focus is on the next");
  await page.getByRole("button", { name: "Disarm all" }).click();
  await page.getByText("Nothing is armed").waitFor();
});

test("a rejected webhook is explained", async (t) => {
  const page = await visit(t, `${FURNISHED_URL + home}webhooks`);
  await isLive(page);
  await page.getByRole("link", { name: "1 failing" }).click();
  await page.getByRole("link", { name: "check the secret" }).press("Enter");
  await page.getByLabel("Secret of the receiver").fill("whsec_of_another_webhook");
  await page.keyboard.press("Enter");
  await page.getByText("The secret is wrong.").waitFor();
  const top = await page.getByRole("heading", { name: "Check the secret" }).evaluate((h) => h.getBoundingClientRect().top - document.querySelector("header").getBoundingClientRect().bottom);
  assert.ok(top >= 0, `the heading is ${top} pixels below the bar`);
  await look(page, "secret");
});

test("a call is found by its body, and shows its headers", async (t) => {
  const page = await visit(t, `${FURNISHED_URL + home}calls`);
  await isLive(page);
  await page.getByLabel("Containing").fill("REFUND");
  await page.keyboard.press("Enter");
  await page.waitForURL(/contains=REFUND/);
  await isLive(page);
  assert.ok(await page.locator("#calls tr").count() > 5);
  await page.locator("#calls tr th a").first().press("Enter");
  await page.getByRole("heading", { name: "Response" }).waitFor();
  for (const summary of await page.locator("#detail .thread summary").all()) await summary.press("Enter");
  await page.getByText("X-Lava-Request-Id").waitFor();
  await look(page, "headers");
  const link = await page.getByRole("link", { name: "the call as JSON" }).evaluate((a) => a.href);
  assert.match(await (await fetch(link)).text(), /"Authorization": \[\s*"\[redacted\]"/);
});

test("ten thousand calls, live", async (t) => {
  const page = await visit(t, BUSY_URL + home);
  await isLive(page);
  await api("BUSY", "GET", "meters"); // the page shows the tutorial until the first call
  const elements = () => page.evaluate(() => document.querySelectorAll("*").length);
  await page.waitForFunction(() => document.getElementById("calls"));
  const start = Date.now();
  await fetch(process.env.LOAD_URL);
  const made = Date.now();
  const latest = (await (await fetch(`${BUSY_URL}/_mock/calls?latest=1`)).json()).data[0];
  await page.locator(`#call-${latest.call_id}`).waitFor();
  t.diagnostic(`measured 10,000 calls in ${made - start} ms, and the last on the screen ${Date.now() - made} ms later, with ${await elements()} elements`);
  assert.equal(await page.locator("#calls tr").count(), 50);
  assert.ok(await elements() < 2000, "the page does not grow");
  assert.equal(await page.locator("#calls-count").textContent(), latest.position.toLocaleString("en-US"));
});

test("a call opens next to the list on a wide screen", async (t) => {
  const page = await visit(t, `${FURNISHED_URL + home}calls`, { viewport: { width: 1600, height: 900 } });
  const calls = await page.locator("#calls tr th a").evaluateAll((all) => all.slice(0, 3).map((a) => a.href));
  await page.goto(calls[0]);
  await isLive(page);
  const list = page.locator("aside .scrolls");
  await list.evaluate((e) => { e.scrollTop = 120; window.same = true; });
  await page.locator(`aside a[href="${new URL(calls[2]).pathname}"]`).click();
  await page.waitForURL(calls[2]);
  await page.locator("#detail", { hasText: calls[2].split("/").at(-1) }).waitFor();
  assert.equal(await page.locator("aside a[aria-current=page]").evaluate((a) => a.href), calls[2]);
  assert.equal(await page.evaluate(() => window.same), true, "the page has stayed");
  assert.equal(await list.evaluate((e) => e.scrollTop), 120, "and so has the list");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(calls[1]);
  await page.goBack();
  await page.locator("#detail", { hasText: calls[2].split("/").at(-1) }).waitFor();
  await look(page, "split");
  await page.setViewportSize({ width: 1000, height: 800 });
  assert.equal(await list.isVisible(), false, "elsewhere it is a page");
});

test("each of several merchants has a page", async (t) => {
  const page = await visit(t, process.env.TENANTS_URL + home);
  await isLive(page);
  await page.locator("summary", { hasText: "Merchant" }).click();
  await page.getByRole("link", { name: process.env.TENANT_ID }).click();
  const its = `${process.env.TENANTS_URL + home}m/${process.env.TENANT_ID}/`;
  assert.equal(page.url(), its);
  await isLive(page);
  const create = (key, reference_id) => fetch(`${process.env.TENANTS_URL}/v1/customers`, {
    method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ reference_id }),
  });
  await create(process.env.TENANTS_KEY, "of-the-first");
  await create(process.env.TENANT_KEY, "of-the-tenant");
  await page.locator("#customers").getByRole("link", { name: "of-the-tenant" }).waitFor(); // it arrives live
  await page.locator("#calls tr", { hasText: "of-the-tenant" }).waitFor();
  assert.equal(await page.getByText("of-the-first").count(), 0, "nothing of another merchant is shown");
  for (const name of ["Calls", "Customers", "Plans", "Webhooks", "Faults", "Providers", "Overview"]) {
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
    assert.ok(page.url().startsWith(its), page.url());
    for (const href of await page.locator("main a[href], main form[action]").evaluateAll((all) => all.map((e) => e.getAttribute("href") ?? e.getAttribute("action")))) {
      assert.ok(href.startsWith(new URL(its).pathname) || href.startsWith("?") || href.startsWith("#"), `${name}: ${href} leads to another merchant`);
    }
  }
  await page.goto(`${its}faults`);
  await isLive(page);
  await page.locator("[id='failures.arm-endpoint']").fill("customers.list");
  await page.locator("[id='failures.arm-status']").fill("500");
  await page.getByText('tenant.Fail(mockserver.Failure{Endpoint: "customers.list", Status: 500})').waitFor();
  await page.getByRole("button", { name: "Arm", exact: true }).first().click();
  await page.locator("#armed-section").getByText("customers.list: status 500").waitFor();
  const status = async (key) => (await fetch(`${process.env.TENANTS_URL}/v1/customers`, { headers: { authorization: `Bearer ${key}` } })).status;
  assert.equal(await status(process.env.TENANTS_KEY), 200);
  assert.equal(await status(process.env.TENANT_KEY), 500);
  await look(page, "tenant");
});

test("deleted objects disappear from the screen", async (t) => {
  const page = await visit(t, `${BUSY_URL + home}customers`);
  await isLive(page);
  const { customer_id: id } = await (await api("BUSY", "POST", "customers", { reference_id: "gone-soon" })).json();
  await page.locator(`#customer-${id}`).waitFor();
  const other = await page.context().newPage();
  await other.goto(`${BUSY_URL + home}customers/${id}`);
  await isLive(other);
  await api("BUSY", "DELETE", `customers/${id}`);
  await page.locator(`#customer-${id}`).waitFor({ state: "detached" });
  await other.getByText("no longer exists").waitFor();
});

test("names are text", async (t) => {
  const name = `"><img src=x onerror=alert(1)>'-alert(1)-'</script><svg onload=alert(1)>`;
  const page = await visit(t, HOSTILE_URL + home);
  await isLive(page);
  await api("HOSTILE", "POST", "meters", { name, rate_type: "fixed", tier_type: "requests", tiers: [{ start: "0", rate: "1" }] });
  await api("HOSTILE", "POST", "plans", { name, period_amount: "1", billing_interval: "month" });
  const customer = await (await api("HOSTILE", "POST", "customers", { reference_id: name, metadata: { [name]: name } })).json();
  await api("HOSTILE", "POST", "webhooks", { name, url: "http://127.0.0.1:1/" });
  await api("HOSTILE", "POST", "chat/completions", { model: name, messages: [{ role: "user", content: name }] });
  await api("HOSTILE", "GET", encodeURIComponent(name));
  await page.locator(`#customer-${customer.customer_id}`).waitFor(); // it arrives live
  const calls = (await (await fetch(`${HOSTILE_URL}/_mock/calls`)).json()).data.map((c) => `calls/${c.call_id}`);
  for (const where of ["", "calls", "customers", `customers/${customer.customer_id}`, "plans", "webhooks", "faults", "providers", ...calls]) {
    await page.goto(HOSTILE_URL + home + where);
    await isLive(page);
    assert.equal(await page.locator("img").count(), 0, where);
  }
});

test("it works without JavaScript", async (t) => {
  const page = await visit(t, FURNISHED_URL, { ...looks["desktop-light"], javaScriptEnabled: false });
  assert.equal(page.url(), FURNISHED_URL + home);
  const before = await page.locator("#clock-time").textContent();
  await page.getByRole("button", { name: "+1 hour" }).click();
  assert.notEqual(await page.locator("#clock-time").textContent(), before);
  await page.getByText("Done").waitFor();
  await page.locator("#customers").getByRole("link", { name: "linus" }).click();
  await page.getByRole("link", { name: "24 hours" }).click();
  await page.getByRole("link", { name: "Plans" }).click();
  await page.locator("input[name=quantity]").fill("5M");
  await page.getByRole("combobox").selectOption({ label: "AI chat (tokens)" });
  await page.getByRole("button", { name: "What does it cost?" }).click();
  await page.getByText("$25.50").waitFor();
});

test("a read-only page has no buttons", async (t) => {
  const page = await visit(t, READ_ONLY_URL + home);
  assert.equal(await page.locator("form[method=post]").count(), 0);
  await look(page, "read-only");
});

test("the empty page begins with a scenario", async (t) => {
  const page = await visit(t, EMPTY_URL + home);
  await isLive(page);
  await page.getByRole("button", { name: "Create the customer" }).click();
  await page.locator("#customers tr").first().waitFor();
  await page.getByText('customer, err := s.Scenario("subscribed")').waitFor();
});

test("pictures", { skip: !process.env.PICTURES }, async (t) => {
  const page = await visit(t, FURNISHED_URL + home, { viewport: { width: 1200, height: 720 }, colorScheme: "light" });
  const images = path.resolve("../../docs/images");
  await isLive(page);
  await page.screenshot({ path: path.join(images, "page-overview.png") });
  await page.locator("#calls tr", { hasText: "gateway.forward" }).getByRole("link").first().click();
  await page.getByRole("heading", { name: "Ledger" }).waitFor();
  await isLive(page);
  await page.screenshot({ path: path.join(images, "page-call.png"), clip: { x: 0, y: 0, width: 1200, height: 800 }, fullPage: true });
});
