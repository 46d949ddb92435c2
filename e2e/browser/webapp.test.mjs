// examples/webapp, used as described in its package comment.
import { after, before, test } from "node:test";
import { desktop, launch, phone, snap } from "./support.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const [look, options] of Object.entries({ "desktop-light": desktop, "phone-dark": { ...phone, colorScheme: "dark" } })) {
  test(`a user subscribes, chats, changes plan and cancels (${look})`, async (t) => {
    const context = await browser.newContext(options);
    t.after(() => context.close());
    const page = await context.newPage();
    const checkout = page.frameLocator("iframe");
    const button = (name) => page.getByRole("button", { name });
    // verify completes the first two steps; newcomers enter a phone.
    const verify = async (number) => {
      if (number) await checkout.getByLabel("Phone number").fill(number);
      await checkout.getByRole("button", { name: "Text me a code" }).click();
      await checkout.getByLabel("Six-digit code").fill("000000");
      await checkout.getByRole("button", { name: "Continue" }).click();
    };

    await page.goto(process.env.WEBAPP_URL);
    await page.getByText("Free: $0.00 of credit left").waitFor();
    await button("Choose Basic").click();
    await checkout.getByRole("button", { name: "Close checkout" }).click();
    await page.getByText("You have cancelled the checkout").waitFor();
    await snap(page, page.mainFrame(), `webapp-1-${look}`);

    await button("Choose Basic").click();
    await verify(`+1555444000${look.length % 10}`);
    await checkout.getByText("Test cards", { exact: true }).click();
    await checkout.getByRole("button", { name: /4242 4242 4242 4242/ }).click();
    await checkout.getByRole("button", { name: "Review" }).click();
    await checkout.getByRole("button", { name: "Pay $9.00" }).click();
    await page.getByText("Basic: $5.00 of credit left").waitFor();
    await page.getByLabel("Message").fill("Why is the sky blue?");
    await button("Send").click();
    await page.getByText("Basic: $4.75 of credit left").waitFor();

    await button("Choose Pro").click();
    await verify();
    await checkout.getByText("You are on Basic ($9.00 per month). It ends today").waitFor();
    await checkout.getByRole("button", { name: "Review" }).click();
    await checkout.getByRole("button", { name: "Pay $49.00" }).click();
    await page.getByText("Pro: $25.00 of credit left").waitFor();

    await button("Buy $12.00 of credit for $10.00").click();
    await verify();
    await checkout.getByRole("button", { name: "Review" }).click();
    await checkout.getByRole("button", { name: "Pay $10.00" }).click();
    await page.getByText("Pro: $37.00 of credit left").waitFor();
    await page.reload();
    await page.getByText("Pro: $37.00 of credit left").waitFor();

    await button("Choose Basic").click();
    await verify();
    await checkout.getByText("Basic starts then. Nothing is charged today").waitFor();
    await checkout.getByRole("button", { name: "Confirm", exact: true }).click();
    await page.getByText("Your plan changes to Basic on").waitFor();
    page.once("dialog", (dialog) => dialog.dismiss());
    await button("Cancel the plan").click();
    await page.getByText("Your plan changes to Basic on").waitFor();
    page.once("dialog", (dialog) => dialog.accept());
    await button("Cancel the plan").click();
    await page.getByText("Your plan changes to Free on").waitFor();
    await snap(page, page.mainFrame(), `webapp-2-${look}`);
  });
}
