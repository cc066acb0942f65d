// What falls due every month, from the village's own list of what is not done: drafted with its rows, checked by the supervision
// committee, by the township too where it is about money, published, asked about and answered; on a phone and on an office screen.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { move, takeIn } from "../lib/desk.mjs";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter } from "../lib/page.mjs";

/** Rows of the month's money; two of them name somebody. */
const MONEY = {
  "lines.0.what": "机动地租金", "lines.0.side": "in", "lines.0.amount": "3000", "lines.0.who": "钱某甲", "lines.0.voucher": "记001",
  "lines.1.what": "垃圾清运费", "lines.1.side": "out", "lines.1.amount": "860.50", "lines.1.who": "钱某乙", "lines.1.voucher": "记002",
};
const CASES = [
  { device: PHONE, item: "当月收支明细", rows: MONEY, money: true },
  { device: DESK, item: "环境卫生保洁安排和评比", rows: {}, money: false },
];

for (const { device, item, rows, money } of CASES) {
  describe(`${item}, ${device.name}`, () => {
    it("goes from the list of what is due to a question that is answered", async () => {
      const clerk = await enter(browser, device, "村文书");
      await clerk.go("/desk/disclosure");
      const due = clerk.page.locator("main tr", { hasText: item }).filter({ hasText: "还没起草" }).first();
      const month = (await due.locator(".cell-kind").innerText()).match(/(\d+)年(\d+)月/);
      const period = `${month[1]}-${month[2].padStart(2, "0")}`;
      await clerk.go("/desk/intake/village_disclosure");
      const option = clerk.page.locator("select[name=category] option", { hasText: item }).first();
      const words = `${period}${item}，按会议记录公布。`;
      const category = await option.getAttribute("value");
      const id = await takeIn(clerk, null, { category, place: 1, period, words, ...rows });
      const again = await Someone.come(browser, device, { javaScriptEnabled: false });
      assert.equal((await again.page.goto(`/v/${village}/open/${id}`)).status(), 404, "a draft is the village's alone");
      await move(clerk, id, "submit");

      const supervisor = await enter(browser, device, "村监委主任");
      assert.equal(await supervisor.has('form[action$="/moves/publish"]'), false);
      await move(supervisor, id, money ? "check_money" : "check", { opinion: "与会议记录和凭证相符。" });
      if (money) {
        const town = await enter(browser, device, "花马池镇调度员");
        await move(town, id, "review", { town_opinion: "与代管账一致。" });
        await town.leave();
      }
      await move(clerk, id, "publish");
      await clerk.go("/desk/disclosure");
      const done = clerk.page.locator("main tr", { hasText: item }).filter({ hasText: `${month[1]}年${month[2]}月` });
      assert.match(await done.first().innerText(), /已公开/);
      await clerk.leave();

      await again.go(`/v/${village}/open`);
      await again.tapOn(again.page.locator(`a[href$="/open/${id}"]`).first());
      const said = await again.text("main");
      assert.ok(said.includes(item), said);
      if (money) {
        assert.ok(said.includes("860.50") && said.includes("记002"), said);
        assert.doesNotMatch(said, /钱某甲|钱某乙/, "no name in the rows");
      }
      await again.shot("monthly-item");
      await again.tap("#ask summary");
      await again.type("#words", "这一笔的单子在哪儿能看？");
      await again.tapOn("#ask button[type=submit]");
      const receipt = (await again.text("main")).match(/\d{8}-\d{4}/)[0];

      await supervisor.go(`/desk/matters?kind=objection&place=${village}&q=${receipt}`);
      const link = await supervisor.page.locator('main a[href*="/desk/matters/"]', { hasText: /公开疑问|单子/ }).first().getAttribute("href");
      await move(supervisor, link.match(/matters\/(\d+)/)[1], "answer", { reply: "村部公示栏旁的夹子里，随时能看。" });
      await supervisor.leave();
      await again.go(`/v/${village}/open/${id}`);
      assert.match(await again.text("#ask"), /随时能看/);
      await again.shot("monthly-answered");
      await again.leave();
    });
  });
}
