// A browser as a villager's phone and as an office screen, with every tap counted. A page that asks another host,
// throws, breaks the content policy or scrolls sideways fails whatever test it is part of.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const SHOTS = process.env.XY_E2E_SHOTS ?? "/tmp/e2e-shots";
const KNOWN = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const URL_OF = process.env.XY_E2E_URL;
assert.ok(URL_OF, "XY_E2E_URL is not set: run `make e2e`, or `npm test` in e2e/");

export const PHONE = { name: "phone", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
export const DESK = { name: "desk", viewport: { width: 1366, height: 768 } };

/** The one browser of a test file. */
export async function openBrowser() {
  const executablePath = KNOWN.find((path) => path && existsSync(path));
  assert.ok(executablePath, "no Chromium: apt-get install chromium, or set CHROMIUM");
  mkdirSync(SHOTS, { recursive: true });
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--lang=zh-CN"];
  return chromium.launch({ executablePath, args });
}

/** Somebody with a browser of their own; nothing is shared between two of them. */
export class Someone {
  static async come(browser, device, options = {}) {
    const context = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai", baseURL: URL_OF, ...device, ...options });
    return new Someone(context, await context.newPage(), device);
  }

  constructor(context, page, device) {
    Object.assign(this, { context, page, device, taps: 0, faults: [] });
    const host = new URL(URL_OF).host;
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.host !== host) this.faults.push(`asked another host: ${url}`);
    });
    page.on("pageerror", (error) => this.faults.push(`script: ${error.message}`));
    page.on("console", (line) => {
      if (line.type() === "error" && !line.text().includes("status of 4")) this.faults.push(`console: ${line.text()}`);
    });
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.faults, []);
  }

  /** Opens an address and sees that the page stands. */
  async go(path) {
    const response = await this.page.goto(path, { waitUntil: "load" });
    assert.ok(response.status() < 400, `${path}: ${response.status()}`);
    await this.fits();
  }

  /** One tap or click, counted. */
  async tap(target) {
    const locator = typeof target === "string" ? this.page.locator(target) : target;
    this.taps += 1;
    if (this.device.hasTouch) await locator.first().tap();
    else await locator.first().click();
  }

  /** A tap that leads to another page, or to this one made anew. */
  async tapOn(target) {
    const arrived = this.page.waitForEvent("load");
    // What fails first is said: a target that is not there is no page that never came.
    arrived.catch(() => {});
    await this.tap(target);
    await arrived;
    await this.fits();
  }

  /** Words typed; they are not counted. */
  async type(selector, words) {
    await this.page.locator(selector).first().fill(words);
  }

  /** A photo picked from the album counts as the one tap that opens the album. */
  async photo(selector, file) {
    this.taps += 1;
    await this.page.locator(selector).setInputFiles(file);
  }

  /** Nothing lies to the right of the screen. */
  async fits() {
    const [wide, screen] = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(wide <= screen, `${this.page.url()} is ${wide} wide on a screen of ${screen}`);
  }

  /** Opens many addresses; says all that do not stand at once. */
  async goThrough(paths, seen = async () => {}) {
    const bad = [];
    for (const path of paths) {
      try {
        await this.go(path);
        await seen(path);
      } catch (error) {
        bad.push(error.message.split("\n")[0]);
      }
    }
    assert.deepEqual(bad, []);
  }

  async text(selector) {
    return (await this.page.locator(selector).first().innerText()).trim();
  }

  async has(selector) {
    return (await this.page.locator(selector).count()) > 0;
  }

  async shot(name) {
    await this.page.screenshot({ path: `${SHOTS}/${name}-${this.device.name}.png`, fullPage: true });
  }

  /** Taps since the last time. */
  counted() {
    const taps = this.taps;
    this.taps = 0;
    return taps;
  }
}

/** Goes in as one of the cards of the demo, by a word on the card. */
export async function enter(browser, device, word, to) {
  const someone = await Someone.come(browser, device);
  await someone.go("/demo");
  const card = someone.page.locator("form.demo-card", { hasText: word }).first();
  assert.equal(await card.count(), 1, `no card says ${word}`);
  if (to) await card.evaluate((form, to) => { form.action += `?to=${encodeURIComponent(to)}`; }, to);
  await someone.tapOn(card.locator("button"));
  someone.counted();
  return someone;
}

/** A whole number as a page prints it. */
export function number(text) {
  const found = String(text).replaceAll(",", "").match(/-?\d+(\.\d+)?/);
  assert.ok(found, `no number in ${text}`);
  return Number(found[0]);
}
