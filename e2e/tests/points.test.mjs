// Points: a household claims with a photo, the appraisal group agrees, the village sees it; the shop redeems in three taps.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { photo } from "../lib/county.mjs";
import { SALT, passbooks, withPoints } from "../lib/desk.mjs";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter, number } from "../lib/page.mjs";

let homes;
before(async () => {
  const keeper = await enter(browser, DESK, "积分超市管理员");
  homes = await passbooks(keeper);
  await keeper.shot("points-desk");
  await keeper.go("/desk/points/passbooks");
  await keeper.shot("points-passbooks");
  await keeper.leave();
});

for (const device of [PHONE, DESK]) {
  describe(`points, ${device.name}`, () => {
    it("are claimed by the household, agreed to by another, and shown to the village", async () => {
      const home = homes.at(device === PHONE ? -1 : -2);
      const villager = await Someone.come(browser, device, { javaScriptEnabled: false });
      await villager.page.goto(home);
      await villager.shot("points-household");
      await villager.tap(villager.page.locator('a[href$="/claim"]'));
      await villager.page.waitForURL(/\/claim$/);
      await villager.page.locator("#rule").selectOption("public.help");
      await villager.page.locator("#words").fill("帮邻居家收了一天玉米。");
      await villager.page.locator("#photos").setInputFiles(photo());
      await villager.shot("points-claim");
      await villager.tap("form.report button[type=submit]");
      await villager.page.waitForURL(/\/m\/[^/]+\/sent$/);
      await villager.leave();

      const appraiser = await enter(browser, device, "评议小组成员");
      await appraiser.go(`/desk/matters?kind=points_award&place=${village}`);
      const open = appraiser.page.locator('a[href*="/desk/matters/"]', { hasText: "帮助邻里" }).first();
      await appraiser.go(await open.getAttribute("href"));
      await appraiser.tap('details:has(form[action$="/moves/approve"]) > summary');
      await appraiser.tapOn('form[action$="/moves/approve"] button[type=submit]');
      assert.match(await appraiser.page.locator("main").innerText(), /公示中/);
      await appraiser.leave();

      const anybody = await Someone.come(browser, device);
      await anybody.go(`/v/${village}/points`);
      assert.match(await anybody.page.locator('section[aria-labelledby="shown"]').innerText(), /帮助邻里/);
      await anybody.shot("points-village");
      await anybody.leave();
    });

    it("give each public entry a receipt that anybody checks, and a changed word is found", async () => {
      const anybody = await Someone.come(browser, device, { javaScriptEnabled: false });
      await anybody.go(`/v/${village}/points`);
      await anybody.tap('section[aria-labelledby="lines"] a[href^="/check/"]');
      await anybody.page.waitForURL(/\/check\/[0-9A-F]{12}$/);
      assert.ok(await anybody.has(".notice-good, .notice-warn"), await anybody.page.locator("main").innerText());
      await anybody.shot("points-receipt");
      const receipt = JSON.parse(await anybody.page.locator("#keep").inputValue());
      await anybody.type("#receipt", JSON.stringify({ ...receipt, text: `${receipt.text} ` }));
      await anybody.tap('form[action="/check"] button[type=submit]');
      await anybody.page.waitForURL(/\/check$/);
      assert.ok(await anybody.has(".notice-bad"), await anybody.page.locator("main").innerText());
      await anybody.leave();
    });

    it("are redeemed at the counter in three taps from the household's code", async () => {
      const keeper = await enter(browser, device, "积分超市管理员");
      const home = await withPoints(keeper, homes, SALT);
      const before = number(await keeper.text(".purse"));
      await keeper.tapOn('a[href^="/desk/points/"]');
      await keeper.type('input[name="n.salt"]', "1");
      await keeper.shot("points-counter");
      await keeper.tapOn('form[action$="/redeem"] button[type=submit]');
      assert.ok(await keeper.has(".notice-good"), await keeper.page.locator("main").innerText());
      assert.ok(keeper.counted() <= 3);
      await keeper.go(home);
      assert.equal(number(await keeper.text(".purse")), before - SALT);
      await keeper.go(`${home}/passbook`);
      await keeper.shot("points-passbook");
      await keeper.leave();
    });
  });
}
