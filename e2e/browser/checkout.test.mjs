// The published checkout hook, unmodified, opens the mock's page in Chromium.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { app, control, desktop, lava, launch, mock, phone, snap } from "./support.mjs";

const good = "4242424242424242";
let browser, plan;

before(async () => {
  browser = await launch();
  plan = await lava.subscriptions.createPlan({
    name: "Pro Plan",
    period_amount: "49.00",
    billing_interval: "month",
    included_credit: "25.00",
    credit_bundles: [{ name: "50 extra credits", cost: "45.00", credit_amount: "50.00" }],
  });
});
after(() => browser.close());

// The two clients create tokens in different ways; the browser sees no difference.
const tokens = {
  go: async () => (await fetch(`${app}/token?plan=${plan.plan_id}`)).text(),
  node: async (more) => (await lava.checkoutSessions.create({
    checkout_mode: "subscription", origin_url: app, plan_id: plan.plan_id, ...more,
  })).checkout_session_token,
  bundle: async (customer) => (await lava.checkoutSessions.create({
    checkout_mode: "credit_bundle", origin_url: app, customer_id: customer,
    credit_bundle_id: plan.credit_bundles[0].credit_bundle_id,
  })).checkout_session_token,
};

// visit opens the application, clicks on Upgrade, and finds the checkout in its frame.
async function visit(t, token, options = desktop, origin = app) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  const broken = [];
  page.on("pageerror", (e) => broken.push(e.message));
  page.on("console", (m) => {
    // The browser reports every response that is not 2xx; the page explains those.
    if (m.type() === "error" && !m.text().startsWith("Failed to load resource")) broken.push(m.text());
  });
  page.on("request", (r) => {
    if (![app, mock, origin].some((o) => r.url().startsWith(o))) broken.push(`asked for ${r.url()}`);
  });
  await page.goto(`${origin}/?token=${encodeURIComponent(token)}`);
  await page.getByRole("button", { name: "Upgrade" }).click();
  const inner = page.frameLocator("iframe");
  const frame = await (await page.waitForSelector("iframe")).contentFrame();
  return { page, inner, frame, broken, button: (name) => inner.getByRole("button", { name }) };
}

// calls returns the arguments of the application's callbacks, once the frame is gone.
async function calls(page) {
  await page.waitForSelector("iframe", { state: "detached" });
  return JSON.parse(await page.locator("pre").textContent());
}

async function credits(customer) {
  const { subscription } = await lava.customers.getSubscription(customer);
  return subscription.credits.total_remaining;
}

// idOf returns the id of the session that a frame shows.
const idOf = (frame) => frame.evaluate(() => document.getElementById("checkout").dataset.session);

for (const [i, [look, options]] of Object.entries({
  "desktop-light": { ...desktop, colorScheme: "light" },
  "phone-dark": { ...phone, colorScheme: "dark" },
  "phone-light": { ...phone, colorScheme: "light" },
  "desktop-dark": { ...desktop, colorScheme: "dark" },
}).entries()) {
  test(`a new customer is declined, recovers and subscribes (${look})`, async (t) => {
    const token = await (look.startsWith("desktop") ? tokens.go() : tokens.node());
    const { page, inner, frame, broken, button } = await visit(t, token, options);
    const step = (name) => snap(page, frame, `${look}-${name}`);
    const session = await idOf(frame);

    await inner.getByLabel("Phone number").waitFor();
    await step("1-phone");
    await inner.getByLabel("Phone number").fill("12345");
    await button("Text me a code").click();
    await inner.getByText("Enter your phone number with its country code").waitFor();
    await step("2-phone-wrong");
    await inner.getByLabel("Phone number").fill(`+1 555 123 100${i}`);
    await button("Text me a code").click();

    await inner.getByLabel("Six-digit code").fill("111111");
    await button("Continue").click();
    await inner.getByText("That is not the code").waitFor();
    await step("3-code-wrong");
    await inner.getByLabel("Six-digit code").fill("000000");
    await button("Continue").click();

    await inner.getByLabel("Card number").waitFor();
    await step("4-card");
    await button("Review").click();
    await inner.getByText("Only test cards work here").waitFor();
    await inner.getByText("Test cards", { exact: true }).click();
    await step("5-test-cards");
    await button(/0002/).click();
    await button("Review").click();
    await button("Pay $49.00").waitFor();
    await step("6-confirm");
    await button("Pay $49.00").click();

    await inner.getByText("The card was declined. Nothing was charged. Try another card.").waitFor();
    await step("7-declined");
    await inner.getByLabel("Card number").fill("");
    await inner.getByLabel("Card number").pressSequentially(good);
    assert.equal(await inner.getByLabel("Card number").inputValue(), "4242 4242 4242 4242");
    await inner.getByLabel("Expires").fill("");
    await inner.getByLabel("Expires").pressSequentially("1239");
    assert.equal(await inner.getByLabel("Expires").inputValue(), "12/39");
    await inner.getByLabel("Security code").fill("123");
    await inner.getByLabel("Security code").press("Enter");
    await button("Pay $49.00").click();

    const [call, ...more] = await calls(page);
    assert.deepEqual(more, []);
    assert.equal(call.name, "onSuccess");
    assert.equal(call.args.checkoutSessionId, session);
    assert.deepEqual(Object.keys(call.args), ["checkoutSessionId", "connectionId"], "hook 0.1.3 has no customerId");
    const customer = await lava.customers.retrieve(call.args.connectionId);
    assert.match(customer.contact.phone, /^\+1555123100\d$/);
    assert.equal(customer.subscription.name, "Pro Plan");
    assert.equal(await credits(customer.customer_id), "25.0000000000");
    assert.deepEqual(broken, []);
  });
}

// subscribed returns a customer with a phone and a card on file.
async function subscribed(phoneNumber) {
  const session = await lava.checkoutSessions.create({ checkout_mode: "subscription", origin_url: app, plan_id: plan.plan_id });
  const { customer_id } = await control("POST", `checkout_sessions/${session.checkout_session_id}/complete`, { phone: phoneNumber });
  return customer_id;
}

test("a returning customer confirms the phone and buys a bundle with the card on file", async (t) => {
  const customer = await subscribed("+15557770001");
  const { page, inner, frame, broken, button } = await visit(t, await tokens.bundle(customer));
  await inner.getByText("Welcome back").waitFor();
  await snap(page, frame, "returning-1-phone");
  await button("Text me a code").click();
  await inner.getByLabel("Six-digit code").fill("000000");
  await button("Continue").click();
  await inner.getByLabel("Visa ending in 4242").waitFor();
  await snap(page, frame, "returning-2-card");
  await button("Review").click();
  await button("Pay $45.00").waitFor();
  await snap(page, frame, "returning-3-confirm");
  await button("Pay $45.00").click();
  const [call] = await calls(page);
  assert.equal(call.args.connectionId, customer);
  assert.equal(await credits(customer), "75.0000000000");
  assert.deepEqual(broken, []);
});

test("a customer without their own session is recognized by phone, and may use another card", async (t) => {
  const customer = await subscribed("+15557770002");
  const { page, inner, button } = await visit(t, await tokens.node());
  await inner.getByLabel("Phone number").fill("(555) 777-0002");
  await button("Text me a code").click();
  await inner.getByLabel("Six-digit code").fill("000000");
  await button("Continue").click();
  await inner.getByLabel("Another card").check();
  await inner.getByText("Test cards", { exact: true }).click();
  await button(/0341/).click();
  await button("Review").click();
  await button("Pay $49.00").click();
  const [call] = await calls(page);
  assert.equal(call.args.connectionId, customer);
});

test("a customer who changes plan is told what happens to the old one", async (t) => {
  const customer = await subscribed("+15557770009");
  const dearer = await lava.subscriptions.createPlan({
    name: "Business", period_amount: "1200.00", billing_interval: "year", included_credit: "1000.00",
  });
  const token = await tokens.node({ plan_id: dearer.plan_id, customer_id: customer });
  const { page, inner, frame, broken, button } = await visit(t, token, phone);
  await button("Text me a code").click();
  await inner.getByLabel("Six-digit code").fill("000000");
  await button("Continue").click();
  await inner.getByText("You are on Pro Plan ($49.00 per month). It ends today").waitFor();
  await button("Review").click();
  await button("Pay $1,200.00").waitFor();
  await snap(page, frame, "change-1-confirm");
  await button("Pay $1,200.00").click();
  assert.equal((await calls(page))[0].args.connectionId, customer);
  assert.deepEqual(broken, []);
});

test("a free plan takes three steps and no card", async (t) => {
  const free = await lava.subscriptions.createPlan({ name: "Starter", period_amount: "0", billing_interval: "month", included_credit: "5.00" });
  const { page, inner, frame, button } = await visit(t, await tokens.node({ plan_id: free.plan_id }));
  await inner.getByText("Step 1 of 3: Phone").waitFor();
  await inner.getByLabel("Phone number").fill("+15557770010");
  await button("Text me a code").click();
  await inner.getByText("Step 2 of 3: Code").waitFor();
  await inner.getByLabel("Six-digit code").fill("000000");
  await button("Continue").click();
  await inner.getByText("Step 3 of 3: Confirm").waitFor();
  await snap(page, frame, "free-3-confirm");
  await button("Confirm", { exact: true }).click();
  assert.equal((await calls(page))[0].name, "onSuccess");
});

test("cancelling with the button and by Esc changes nothing, at any step", async (t) => {
  const customers = (await lava.customers.list()).data.length;
  for (const way of ["button", "Esc at the start", "Esc later"]) {
    const token = await tokens.node();
    const { page, inner, frame, button } = await visit(t, token);
    const session = await idOf(frame);
    await inner.getByLabel("Phone number").fill("+15557770003");
    if (way === "Esc later") {
      await button("Text me a code").click();
      await inner.getByLabel("Six-digit code").fill("000000");
    }
    if (way === "button") await button("Close checkout").click();
    else await page.keyboard.press("Escape");
    assert.deepEqual(await calls(page), [{ name: "onCancel", args: { checkoutSessionId: session } }]);
  }
  assert.equal((await lava.customers.list()).data.length, customers);
});

test("the keyboard is enough, and the focus stays in front", async (t) => {
  const { page, frame, button } = await visit(t, await tokens.node());
  const at = () => frame.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  await frame.waitForFunction(() => document.activeElement.id === "phone");
  await page.keyboard.press("Tab");
  assert.equal(await at(), "Text me a code");
  await page.keyboard.press("Tab");
  assert.equal(await at(), "close");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await at(), "Text me a code");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.type("+15557770004");
  await page.keyboard.press("Enter");
  await frame.waitForFunction(() => document.activeElement.id === "code");
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await frame.waitForFunction(() => document.activeElement.id === "number");
  await page.keyboard.type(good);
  await page.keyboard.press("Tab");
  await page.keyboard.type("1239");
  await page.keyboard.press("Tab");
  await page.keyboard.type("123");
  await page.keyboard.press("Enter");
  await button("Pay $49.00").waitFor();
  await frame.waitForFunction(() => document.activeElement.textContent === "Is this right?");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal((await calls(page))[0].name, "onSuccess");
});

test("two clicks pay once", async (t) => {
  const paid = (await control("GET", "payments")).data.length;
  const visited = await visit(t, await tokens.node());
  await review(visited, "+15557770005");
  await visited.button("Pay $49.00").dblclick();
  assert.equal((await calls(visited.page)).length, 1);
  assert.equal((await control("GET", "payments")).data.length, paid + 1);
});

// review fills in the steps of a new customer until the page asks "Is this right?".
async function review({ inner, button }, number) {
  await inner.getByLabel("Phone number").fill(number);
  await button("Text me a code").click();
  await inner.getByLabel("Six-digit code").fill("000000");
  await button("Continue").click();
  await inner.getByText("Test cards", { exact: true }).click();
  await button(/4242/).click();
  await button("Review").click();
  await button("Pay $49.00").waitFor();
}

test("a card is checked before the review", async (t) => {
  const { inner, button } = await visit(t, await tokens.node());
  await inner.getByLabel("Phone number").fill("+15557770011");
  await button("Text me a code").click();
  await inner.getByLabel("Six-digit code").fill("000000");
  await button("Continue").click();
  for (const [number, expiry, complaint] of [
    ["4111111111111111", "12/39", "Only test cards work here"],
    [good, "12/20", "Enter an expiry date that has not passed"],
    [good, "13/39", "Enter an expiry date that has not passed"],
  ]) {
    await inner.getByLabel("Card number").fill(number);
    await inner.getByLabel("Expires").fill(expiry);
    await inner.getByLabel("Security code").fill("123");
    await button("Review").click();
    await inner.getByText(complaint).waitFor();
    assert.equal(await button("Pay $49.00").isVisible(), false);
  }
});

test("a second tab does not charge for what it no longer shows", async (t) => {
  const { customer_id } = await lava.customers.create({ reference_id: "two-tabs" });
  const [one, two] = [await visit(t, await tokens.node({ customer_id })), await visit(t, await tokens.node({ customer_id }))];
  await review(one, "+15557770012");
  await review(two, "+15557770012");
  await one.button("Pay $49.00").click();
  await calls(one.page);
  const paid = (await control("GET", "payments")).data.length;
  await two.button("Pay $49.00").click();
  await two.inner.getByText("Your plan or credit has changed in the meantime").waitFor();
  await two.inner.getByText("You are already on this plan.").waitFor();
  await snap(two.page, two.frame, "offer-changed");
  assert.equal((await control("GET", "payments")).data.length, paid);
  await two.button("Pay $49.00").click();
  assert.equal((await calls(two.page))[0].args.connectionId, customer_id);
  assert.deepEqual([...one.broken, ...two.broken], []);
});

test("a reload starts over, and a completed session says so", async (t) => {
  const token = await tokens.node();
  const { page, inner, frame, button } = await visit(t, token);
  await inner.getByLabel("Phone number").fill("+15557770006");
  await button("Text me a code").click();
  await inner.getByLabel("Six-digit code").waitFor();
  await frame.evaluate(() => location.reload());
  await inner.getByLabel("Phone number").waitFor();
  const session = await idOf(frame);
  const { customer_id } = await control("POST", `checkout_sessions/${session}/complete`, { phone: "+15557770006" });
  await frame.evaluate(() => location.reload());
  await inner.getByText("This checkout is complete").waitFor();
  await snap(page, frame, "used");
  await button("Continue").click();
  assert.deepEqual(await calls(page), [{ name: "onSuccess", args: { checkoutSessionId: session, connectionId: customer_id } }]);
});

test("an expired session says so, before and during", async (t) => {
  const token = await tokens.node();
  const { page, inner, frame, button } = await visit(t, token);
  await inner.getByLabel("Phone number").fill("+15557770007");
  await button("Text me a code").click();
  await inner.getByLabel("Six-digit code").fill("000000");
  await control("POST", "clock", { advance: "1h" });
  await button("Continue").click();
  await inner.getByText("This checkout has expired").waitFor();
  await snap(page, frame, "expired");
  await button("Go back").click();
  assert.equal((await calls(page))[0].name, "onCancel");

  const later = await visit(t, token);
  await later.inner.getByText("This checkout has expired").waitFor();
  await later.button("Close checkout").click();
  assert.equal((await calls(later.page))[0].name, "onCancel");
});

test("an unknown session says so, and can be closed", async (t) => {
  const token = btoa(JSON.stringify({ secret: "css_test_nope", base: `${mock}/` }));
  const { page, inner, frame, button } = await visit(t, token, { ...phone, colorScheme: "dark" });
  await inner.getByText("There is no such checkout").waitFor();
  await snap(page, frame, "unknown");
  await button("Go back").click();
  assert.equal((await calls(page))[0].name, "onCancel");
});

test("only the session's origin may show the page", async (t) => {
  const elsewhere = app.replace("127.0.0.1", "localhost");
  const { page, broken } = await visit(t, await tokens.node(), desktop, elsewhere);
  await page.waitForFunction(() => document.querySelector("iframe"));
  const frame = page.frames().find((f) => f !== page.mainFrame());
  await frame.waitForLoadState().catch(() => {});
  assert.equal(await frame.locator("#checkout").count(), 0);
  assert.ok(broken.some((text) => text.includes("frame-ancestors")), broken.join("\n"));
});

test("a lost server is explained, and the page continues when it is back", async (t) => {
  const { page, inner, frame, button } = await visit(t, await tokens.node());
  await inner.getByLabel("Phone number").fill("+15557770008");
  await page.route("**/phone", (route) => route.abort());
  await button("Text me a code").click();
  await inner.getByText("The server can't be reached").waitFor();
  await snap(page, frame, "unreachable");
  await page.unroute("**/phone");
  await button("Text me a code").click();
  await inner.getByLabel("Six-digit code").waitFor();
});

test("the page also works without a frame", async (t) => {
  const open = async (options) => {
    const { secret, base } = JSON.parse(atob(await tokens.node()));
    const context = await browser.newContext(options);
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${base}embed/checkout/${secret}`);
    return page;
  };
  for (const [look, options] of Object.entries({ "desktop-light": desktop, "phone-dark": { ...phone, colorScheme: "dark" } })) {
    const page = await open(options);
    await page.getByLabel("Phone number").waitFor();
    await snap(page, page.mainFrame(), `alone-1-${look}`);
    await page.getByRole("button", { name: "Close checkout" }).click();
    await page.getByText("Checkout cancelled").waitFor();
    await snap(page, page.mainFrame(), `alone-2-cancelled-${look}`);
    await page.getByRole("button", { name: "Start again" }).click();
    await page.getByLabel("Phone number").fill(`+155577701${look.length}`);
    await page.getByRole("button", { name: "Text me a code" }).click();
    await page.getByLabel("Six-digit code").fill("000000");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Test cards", { exact: true }).click();
    await page.getByRole("button", { name: /4242 4242 4242 4242/ }).click();
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByRole("button", { name: "Pay $49.00" }).click();
    await page.getByText("You're all set").waitFor();
    await snap(page, page.mainFrame(), `alone-3-done-${look}`);
  }
});
