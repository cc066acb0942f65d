// A village decides: from a proposal to a secret vote on phone and paper, its result posted, and a receipt checked, on an
// office screen and on a phone.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter } from "../lib/page.mjs";

const ROLL = 9;

/** The village's matter that is called and waits for its vote. */
async function waiting(clerk) {
  await clerk.go("/desk/matters?kind=motion&q=");
  const row = clerk.page.locator("a", { hasText: "自来水主管" }).first();
  assert.equal(await row.count(), 1, "the story that waits for a vote is missing");
  await clerk.go(await row.getAttribute("href"));
}

describe("a village decides", () => {
  it("votes on phone and paper, counts by the rule and posts the result", async () => {
    const clerk = await enter(browser, DESK, "村文书");
    await waiting(clerk);
    await clerk.tapOn(clerk.page.locator(".top-tools a.btn-primary", { hasText: "村民代表投票" }));
    await clerk.shot("ballot-new");
    const names = Array.from({ length: ROLL }, (_, n) => `试投${n + 1}`).join("\n");
    await clerk.type("#roll", names);
    await clerk.tapOn("form button.btn-primary");
    await clerk.shot("ballot-kept-empty");
    const ballot = new URL(clerk.page.url()).pathname;
    await clerk.go(`${ballot}/slips`);
    await clerk.shot("ballot-slips");
    const codes = (await clerk.page.locator(".slip-code").allInnerTexts()).map((c) => c.trim());
    assert.equal(codes.length, ROLL);

    const voter = await Someone.come(browser, PHONE, { javaScriptEnabled: false });
    await voter.page.goto("/b");
    await voter.page.locator("#code").fill(codes[0].toLowerCase());
    await voter.page.locator("form.card button").tap();
    await voter.page.waitForSelector(".ballot-choice");
    await voter.fits();
    await voter.shot("ballot-vote");
    for (const code of codes.slice(0, 6)) {
      await voter.page.goto(`/b/${code}`);
      await voter.page.locator(".ballot-yes").tap();
      await voter.page.locator("form.card button").tap();
      await voter.page.waitForSelector(".notice-good");
    }
    await voter.shot("ballot-voted");
    assert.equal(await voter.has(".ballot-choice"), false, "nobody votes twice");
    await voter.leave();

    await clerk.go(ballot);
    for (const n of [7, 8]) await clerk.page.locator(`input[name=put][value="${n}"]`).check();
    await clerk.tapOn(clerk.page.locator("form[action$=paper] button"));
    await clerk.shot("ballot-kept");
    await clerk.type("input[name=yes]", "1");
    await clerk.type("input[name=no]", "0");
    await clerk.tapOn(clerk.page.locator("form[action$=close] button"));
    assert.match(await clerk.text(".notice-bad"), /对不上/, "the sheets are as many as the marks");
    await clerk.type("input[name=yes]", "1");
    await clerk.type("input[name=no]", "1");
    await clerk.tapOn(clerk.page.locator("form[action$=close] button"));
    assert.match(await clerk.text(".result"), /通过/);
    await clerk.shot("ballot-counted");

    await clerk.tapOn(clerk.page.locator(".top a", { hasText: "回到事项" }));
    const carry = clerk.page.locator("#do-carry_reps");
    await carry.locator("summary").click();
    assert.equal(await carry.locator("[name=vote_yes]").count(), 0, "what was counted is not typed");
    await carry.locator("[name=decision]").fill("同意更换主管，水费标准不变。");
    await clerk.tapOn(carry.locator("form button.btn-primary").last());
    await clerk.tapOn(clerk.page.locator(".top-tools a", { hasText: "登记表" }));
    assert.equal(await clerk.page.locator(".sheet-a4").count(), 6, "the register has six pages");
    await clerk.shot("register");
    await clerk.leave();
  });

  for (const device of [PHONE, DESK]) {
    it(`posts what was decided, and anybody checks it (${device.name})`, async () => {
      const villager = await Someone.come(browser, device);
      await villager.go(`/v/${village}`);
      await villager.tapOn(villager.page.locator("a.tile", { hasText: "村里商量事" }));
      await villager.shot("decisions");
      assert.ok(await villager.has("article.posted"));
      await villager.tapOn(villager.page.locator("article.posted h2 a", { hasText: "自来水主管" }));
      assert.match(await villager.text("main"), /同意更换主管/);
      await villager.shot("posted");
      await villager.tapOn(villager.page.locator(".lines a", { hasText: "村民代表会议" }));
      assert.match(await villager.text(".result"), /通过/);
      await villager.shot("ballot-result");
      await villager.tapOn(villager.page.locator(".posted-code a"));
      assert.match(await villager.text(".notice"), /已记下|没有被改过/);

      // What was posted before today leads to a head that stands on the sheet.
      await villager.go(`/v/${village}/decisions`);
      await villager.tapOn(villager.page.locator("article.posted", { hasText: "文化广场照明" }).locator(".posted-code a"));
      assert.match(await villager.text(".notice"), /没有被改过/);
      await villager.shot("check");
      const receipt = await villager.page.locator("#keep").inputValue();
      await villager.type("#receipt", receipt);
      await villager.tapOn("form[action='/check'] button");
      assert.match(await villager.text(".notice"), /没有被改过/);
      await villager.type("#receipt", receipt.replace("公开", "公布"));
      await villager.tapOn("form[action='/check'] button");
      assert.match(await villager.text(".notice"), /被改过/);
      await villager.go(`/v/${village}/sheet`);
      await villager.shot("sheet");
      assert.ok((await villager.page.locator(".head-root").count()) > 0);
      await villager.leave();
    });
  }
});
