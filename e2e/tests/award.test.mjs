// One household's way: it tells what it did, the appraisal group agrees, the claim stands in its own book and on the village's
// page, and what was booked of an earlier one is spent at the counter and stands in the same book.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { photo } from "../lib/county.mjs";
import { SALT, move, passbooks, withPoints } from "../lib/desk.mjs";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter, number } from "../lib/page.mjs";

let homes;
before(async () => {
  const keeper = await enter(browser, DESK, "积分超市管理员");
  homes = await passbooks(keeper);
  await keeper.leave();
});

for (const device of [PHONE, DESK]) {
  describe(`a household's award, ${device.name}`, () => {
    it("goes from self-report to redemption", async () => {
      const villager = await Someone.come(browser, device);
      const home = await withPoints(villager, homes, SALT);
      const household = (await villager.text("h1")).match(/H\d+/)[0];
      const purse = number(await villager.text(".purse"));
      await villager.tapOn('a[href$="/claim"]');
      await villager.page.locator("#rule").selectOption("public.help");
      const words = `帮邻居收了${Date.now() % 1000}垄玉米。`;
      await villager.type("#words", words);
      await villager.page.locator("#photos").setInputFiles(photo());
      await villager.tapOn("form.report button[type=submit]");
      const receipt = (await villager.text("main")).match(/\d{8}-\d{4}/)[0];

      const appraiser = await enter(browser, device, "评议小组成员");
      await appraiser.go(`/desk/matters?kind=points_award&place=${village}&q=${receipt}`);
      const link = await appraiser.page.locator('main a[href*="/desk/matters/"]', { hasText: /帮助邻里|帮邻居/ }).first().getAttribute("href");
      const id = link.match(/matters\/(\d+)/)[1];
      await move(appraiser, id, "approve");
      assert.match(await appraiser.text("main"), /公示中/);
      await appraiser.leave();

      await villager.go(`/v/${village}/points`);
      assert.match(await villager.text('section[aria-labelledby="shown"]'), new RegExp(`${household}户`));
      await villager.go(home);
      assert.equal(number(await villager.text(".purse")), purse, "what is posted is not booked before its window is over");
      await villager.shot("award-home");

      const keeper = await enter(browser, device, "积分超市管理员");
      await keeper.go(home);
      await keeper.tapOn('a[href^="/desk/points/"]');
      await keeper.type('input[name="n.salt"]', "1");
      await keeper.tapOn('form[action$="/redeem"] button[type=submit]');
      assert.ok(await keeper.has(".notice-good"), await keeper.text("main"));
      await keeper.go(home);
      await keeper.tapOn('a[href^="/desk/points/"]');
      await keeper.type('input[name="n.salt"]', String(purse));
      await keeper.tapOn('form[action$="/redeem"] button[type=submit]');
      assert.equal(await keeper.has(".notice-good"), false, "nobody spends more than is there");
      await keeper.shot("award-too-much");
      await keeper.leave();

      await villager.go(home);
      assert.equal(number(await villager.text(".purse")), purse - SALT);
      await villager.go(`${home}/passbook`);
      assert.match(await villager.text("main"), /盐/);
      await villager.shot("award-passbook");
      await villager.leave();
    });
  });
}
