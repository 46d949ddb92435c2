// Shared by the tests: the browser, the mock server and its official client.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Lava } from "@lavapayments/nodejs";
import { chromium } from "playwright-core";

export const { APP_URL: app, LAVA_APP_URL: mock, CHROMIUM, ARTIFACTS } = process.env;
export const lava = new Lava(process.env.LAVA_SECRET_KEY, { baseUrl: `${mock}/v1/` });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = () => chromium.launch({
  executablePath: CHROMIUM,
  headless: true,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});

export const desktop = { viewport: { width: 1120, height: 800 } };
export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

// control calls the mock server's own endpoints, which Lava doesn't have.
export async function control(method, where, body) {
  const response = await fetch(`${mock}/_mock/${where}`, { method, body: body && JSON.stringify(body) });
  const reply = await response.json();
  assert.ok(response.ok, JSON.stringify(reply));
  return reply;
}

// snap takes a screenshot, and checks accessibility with axe.
export async function snap(page, frame, name) {
  await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)));
  await frame.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)));
  await page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`) });
  await frame.evaluate(axe);
  const { violations } = await frame.evaluate(() => window.axe.run(document));
  const serious = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  assert.deepEqual(serious.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(" ")}`), [], name);
  return violations;
}
