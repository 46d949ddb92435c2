// examples/webapp, as somebody uses it who has only read its first comment.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { desktop, launch, phone, snap } from "./support.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test("somebody subscribes, chats and sees the credit go down", async (t) => {
  for (const [look, options] of Object.entries({ "desktop-light": desktop, "phone-dark": { ...phone, colorScheme: "dark" } })) {
    const context = await browser.newContext(options);
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(process.env.WEBAPP_URL);
    await page.getByRole("button", { name: "Subscribe" }).waitFor();
    await snap(page, page.mainFrame(), `webapp-1-${look}`);
    await page.getByRole("button", { name: "Subscribe" }).click();

    const checkout = page.frameLocator("iframe");
    await checkout.getByRole("button", { name: "Close checkout" }).click();
    await page.getByText("You have cancelled the checkout").waitFor();
    await page.getByRole("button", { name: "Subscribe" }).click();
    await checkout.getByLabel("Phone number").fill(`+1555444000${look.length % 10}`);
    await checkout.getByRole("button", { name: "Text me a code" }).click();
    await checkout.getByLabel("Six-digit code").fill("000000");
    await checkout.getByRole("button", { name: "Continue" }).click();
    await checkout.getByText("Test cards", { exact: true }).click();
    await checkout.getByRole("button", { name: /4242 4242 4242 4242/ }).click();
    await checkout.getByRole("button", { name: "Review" }).click();
    await checkout.getByRole("button", { name: "Pay $49.00" }).click();

    await page.getByText("Pro Plan: $25.00 of credit left").waitFor();
    await page.getByLabel("Message").fill("Why is the sky blue?");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("Pro Plan: $24.75 of credit left").waitFor();
    await snap(page, page.mainFrame(), `webapp-2-${look}`);
    await page.reload();
    await page.getByText("Pro Plan: $24.75 of credit left").waitFor();
    assert.equal(await page.getByRole("button", { name: "Subscribe" }).count(), 0);
  }
});
