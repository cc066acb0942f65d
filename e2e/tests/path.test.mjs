// The whole path, from the village's wall code to satisfaction, at the phone's width and at the office's: every tap
// counted, and the county's numbers moved by exactly one.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { photo, tableOf } from "../lib/county.mjs";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter, number } from "../lib/page.mjs";

/** A figure of the village for this year, as its own page shows it. */
async function figure(leader, indicator) {
  await leader.go(`/hub/figures/${indicator}?region=${village}&period=year`);
  return number(await leader.text(".figure-value b"));
}

/** The cell of the county's table for an indicator. */
async function cell(leader, indicator) {
  await tableOf(leader, "群众反映");
  return number(await leader.text(`tfoot a.cell[href*="/hub/figures/${indicator}?"] b`));
}

/** Counts of the village, and both numbers of its satisfaction rate. */
async function figures(leader) {
  const found = {};
  for (const id of ["report.accepted", "report.closed", "report.not_solved"]) found[id] = await figure(leader, id);
  await leader.go(`/hub/figures/report.satisfaction_rate?region=${village}&period=year`);
  const parts = await leader.page.locator(".part-value b").allInnerTexts();
  [found.satisfied, found.asked] = parts.map(number);
  return found;
}

/** The secretary's list, with this matter on it. */
async function solve(secretary, number, words) {
  await secretary.go("/desk");
  const row = secretary.page.locator(".work-row", { hasText: number });
  assert.equal(await row.count(), 1, `${number} is not on the secretary's list`);
  secretary.counted();
  let forms = row.locator(".work-quick");
  if (!secretary.device.hasTouch) {
    await secretary.tap(row.locator("a[data-open]"));
    await secretary.page.waitForFunction((n) => document.querySelector("[data-preview]")?.textContent.includes(n), number);
    forms = secretary.page.locator("[data-preview]");
  }
  const move = forms.locator('details.move:has(form[action$="/moves/solve"])');
  await secretary.tap(move.locator("summary"));
  await move.locator('textarea[name="reply"]').fill(words);
  await secretary.tapOn(move.locator("button[type=submit]"));
  return secretary.counted();
}

for (const device of [PHONE, DESK]) {
  describe(`from the wall code to satisfaction, ${device.name}`, () => {
    let villager;
    let secretary;
    let leader;
    let before_;
    let link;
    let slip;

    before(async () => {
      leader = await enter(browser, DESK, "政府办主任");
      secretary = await enter(browser, device, "村书记");
      villager = await Someone.come(browser, device);
      before_ = { ...(await figures(leader)), county: await cell(leader, "report.accepted") };
    });
    after(async () => {
      for (const someone of [villager, secretary, leader]) await someone?.leave();
    });

    it("reports with a photo in three taps", async () => {
      await villager.go(`/r/${village}`);
      await villager.shot("1-report");
      await villager.tap(villager.page.locator("label.chip", { hasText: "路灯" }));
      await villager.photo("#photos", photo());
      await villager.page.waitForSelector(".photo-thumbs img");
      await villager.tapOn("form.report button[type=submit]");
      assert.ok(villager.counted() <= 3);
      assert.match(villager.page.url(), /\/m\/[^/]+\/sent$/);
      slip = await villager.page.locator(".slip-codes dd").allInnerTexts();
      assert.match(slip[0], /^\d{8}-\d{4,}$/);
      assert.match(slip[1], /^\d{4}$/);
      await villager.shot("2-receipt");
    });

    it("sees where it stands from the receipt's link at once", async () => {
      await villager.tapOn("a.btn-primary");
      link = new URL(villager.page.url()).pathname;
      assert.match(await villager.text(".status-now strong"), /已提交|正在办/);
      assert.match(await villager.text(".step"), /\d\d-\d\d \d\d:\d\d/);
      await villager.shot("3-progress");
    });

    it("has counted one more at the village and at the county", async () => {
      assert.equal(await figure(leader, "report.accepted"), before_["report.accepted"] + 1);
      assert.equal(await cell(leader, "report.accepted"), before_.county + 1);
    });

    it("is found with number and code, without the link", async () => {
      const other = await Someone.come(browser, device);
      await other.go("/lookup");
      await other.type("#number", slip[0]);
      await other.type("#code", slip[1]);
      await other.tapOn("form.lookform button[type=submit]");
      assert.match(await other.text("main"), new RegExp(slip[0]));
      await other.leave();
    });

    it("is closed by the village secretary in two taps and the words", async () => {
      const taps = await solve(secretary, slip[0], "灯泡换好了，已试亮。");
      assert.ok(taps <= (device.hasTouch ? 2 : 3), `${taps} taps`);
      await secretary.shot("4-secretary");
    });

    it("comes back when the villager says it is not solved, in two taps", async () => {
      await villager.go(link);
      assert.match(await villager.text(".result .words"), /已试亮/);
      await villager.shot("5-asking");
      villager.counted();
      await villager.tap("details.again > summary");
      await villager.tapOn('button[name="answer"][value="again"]');
      assert.ok(villager.counted() <= 2);
      assert.match(await villager.text(".status-now strong"), /又在办|正在办/);
      await villager.shot("6-again");
    });

    it("is handled again and ends satisfied", async () => {
      await solve(secretary, slip[0], "又换了一只，夜里去看过，亮的。");
      await villager.go(link);
      villager.counted();
      await villager.tapOn('button[name="answer"][value="solved"]');
      await villager.tapOn(villager.page.locator(".grades button").first());
      assert.ok(villager.counted() <= 2);
      assert.equal(await villager.text(".status-now strong"), "办结");
      assert.match(await villager.text(".verdict"), /解决了[\s\S]*满意/);
      // The first reply stays on the page.
      assert.match(await villager.text(".steps"), /已试亮/);
      await villager.shot("7-closed");
    });

    it("has moved every figure of the village by exactly one", async () => {
      const now = await figures(leader);
      for (const id of Object.keys(now)) assert.equal(now[id], before_[id] + 1, id);
      assert.equal(await cell(leader, "report.accepted"), before_.county + 1);
    });

    it("stands among the records of its figure", async () => {
      // The week's records are few enough to stand on one page.
      await leader.go(`/hub/figures/report.accepted?region=${village}&period=week`);
      assert.match(await leader.text("#records"), new RegExp(slip[0]));
      await leader.tapOn(leader.page.locator("#records tr", { hasText: slip[0] }).locator("a").first());
      assert.match(await leader.text(".matter-number"), new RegExp(slip[0]));
    });
  });
}
