// The villager's pages: light, without script, without a cookie, and readable for the old.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { photo } from "../lib/county.mjs";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, URL_OF } from "../lib/page.mjs";

/** The first page over the wire, as DESIGN §6 has it. */
const FIRST_PAGE_BYTES = 60 * 1024;

describe("the portal", () => {
  it("takes a report with JavaScript off, and shows its progress", async () => {
    const villager = await Someone.come(browser, PHONE, { javaScriptEnabled: false });
    await villager.page.goto(`/r/${village}`);
    await villager.tap(villager.page.locator("label.chip", { hasText: "垃圾" }));
    await villager.page.locator("#photos").setInputFiles(photo());
    await villager.page.locator("#words").fill("二组路口的垃圾好几天没人清了。");
    await villager.page.locator("form.report button[type=submit]").tap();
    await villager.page.waitForURL(/\/m\/[^/]+\/sent$/);
    await villager.page.locator("a.btn-primary").first().tap();
    await villager.page.waitForURL(/\/m\/[^/]+$/);
    assert.match(await villager.text(".status-now strong"), /已提交|正在办/);
    await villager.page.locator("details.said > summary").first().tap();
    assert.match(await villager.page.locator("details.said").first().innerText(), /没人清/);
    const picture = villager.page.locator("details.said img").first();
    assert.ok(await picture.evaluate((img) => img.complete && img.naturalWidth > 0).catch(() => picture.isVisible()));
    await villager.leave();
  });

  it("keeps no cookie for any of that", async () => {
    const villager = await Someone.come(browser, PHONE);
    await villager.go(`/v/${village}`);
    await villager.go(`/r/${village}`);
    assert.deepEqual(await villager.context.cookies(), []);
    await villager.leave();
  });

  it("says what is missing and loses nothing that was typed", async () => {
    const villager = await Someone.come(browser, PHONE, { javaScriptEnabled: false });
    await villager.page.goto(`/r/${village}`);
    await villager.page.locator("label.chip").first().tap();
    await villager.page.locator("#words").fill("水管漏水。");
    await villager.page.locator("#phone").fill("12");
    await villager.page.locator("form.report button[type=submit]").tap();
    await villager.page.waitForSelector("#phone-error");
    assert.equal(await villager.page.locator("#words").inputValue(), "水管漏水。");
    assert.equal(await villager.page.locator('input[name="category"]:checked').count(), 1);
    await villager.leave();
  });

  it("makes one matter of the same form sent twice", async () => {
    const villager = await Someone.come(browser, PHONE);
    await villager.go(`/r/${village}`);
    const form = await villager.page.evaluate(() => Object.fromEntries(new FormData(document.querySelector("form.report"))));
    const send = () =>
      villager.page.evaluate(async (form) => {
        const body = new FormData();
        for (const [name, value] of Object.entries(form)) if (typeof value === "string") body.append(name, value);
        body.set("category", document.querySelector('input[name="category"]').value);
        return (await fetch(document.querySelector("form.report").action, { method: "POST", body })).url;
      }, form);
    assert.equal(await send(), await send());
    await villager.leave();
  });

  it("opens the village's page within 60 KB", async () => {
    const villager = await Someone.come(browser, PHONE);
    const wire = await villager.context.newCDPSession(villager.page);
    await wire.send("Network.enable");
    let bytes = 0;
    wire.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
    for (const path of [`/v/${village}`, `/r/${village}`]) {
      bytes = 0;
      await villager.go(path);
      await villager.page.waitForLoadState("networkidle");
      assert.ok(bytes > 0 && bytes <= FIRST_PAGE_BYTES, `${path}: ${bytes} bytes`);
    }
    await villager.leave();
  });

  it("is large and plain in the 长辈版", async () => {
    const villager = await Someone.come(browser, PHONE);
    await villager.go(`/r/${village}`);
    await villager.tapOn("a.top-elder");
    const sizes = await villager.page.evaluate(() => {
      const px = (el) => parseFloat(getComputedStyle(el).fontSize);
      const shown = (el) => el.getClientRects().length > 0 && !el.closest(".bottom, .skip");
      return {
        body: px(document.querySelector("main")),
        targets: [...document.querySelectorAll("main button, main a.btn, main .chip-face")].filter(shown).map((el) => el.getBoundingClientRect().height),
      };
    });
    assert.ok(sizes.body >= 24, `text is ${sizes.body} px, 18 pt are 24 px`);
    assert.ok(Math.min(...sizes.targets) >= 60, `a target is ${Math.min(...sizes.targets)} px high`);
    await villager.fits();
    await villager.shot("portal-elder");
    await villager.leave();
  });

  for (const device of [PHONE, DESK]) {
    it(`fits every page of a villager, ${device.name}`, async () => {
      const villager = await Someone.come(browser, device);
      const pages = ["/", "/?q=村", `/v/${village}`, `/v/${village}/contact`, `/r/${village}`, "/lookup", "/sign-in", "/demo"];
      await villager.goThrough(pages, (path) => villager.shot(`portal${path.replaceAll(/[^a-z0-9]+/gi, "-")}`));
      await villager.leave();
    });
  }

  it("has a wall code for every village, as a picture without a script", async () => {
    const code = await fetch(`${URL_OF}/q/${village}`);
    assert.match(code.headers.get("content-type"), /^image\/svg\+xml/);
    assert.match(await code.text(), /^(<\?xml[^>]*\?>)?\s*<svg/);
  });

  it("speaks English to whoever asks for it, on every page", async () => {
    const guest = await Someone.come(browser, PHONE, { locale: "en-GB" });
    await guest.goThrough([`/v/${village}`, `/r/${village}`, "/lookup", "/sign-in"], async (path) => {
      assert.equal(await guest.page.locator("html").getAttribute("lang"), "en", path);
    });
    await guest.leave();
  });
});
