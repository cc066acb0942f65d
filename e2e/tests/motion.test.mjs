// A 四议两公开 from its proposal to the notice before the meeting, stage by stage, each shut until the one before has passed by
// the rule of its body; and what came of one that was carried. The vote itself is in assembly.test.mjs.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { move, standsAt, takeIn } from "../lib/desk.mjs";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter } from "../lib/page.mjs";

/** Attendance and votes of a body. */
const votes = (body, due, present, yes) =>
  Object.fromEntries(Object.entries({ due, present, yes, no: 0, abstain: present - yes }).map(([k, n]) => [`${body}_${k}`, n]));

for (const device of [PHONE, DESK]) {
  describe(`a village proposes, ${device.name}`, () => {
    const subject = `${device.name === "phone" ? "村口" : "村部"}添晒粮场${Date.now() % 100000}`;

    it("goes from the proposal to the notice, stage by stage", async () => {
      const secretary = await enter(browser, device, "村书记");
      const asked = { subject, place: 1, category: 1, words: "打下的粮没处晒，晒在路上不安全。", forum: "reps", gate: "no", channel: "members" };
      const id = await takeIn(secretary, "motion", asked);
      assert.match(await standsAt(secretary), /党支部提议/);
      await secretary.shot("motion-proposed");
      const guest = await Someone.come(browser, device, { javaScriptEnabled: false });
      assert.equal((await guest.page.goto(`/posted/${id}`)).status(), 404, "nothing is posted before the notice");

      await move(secretary, id, "propose", votes("branch", 5, 2, 2));
      assert.match(await secretary.text(".notice-bad"), /不足法定人数/, "too few came");
      assert.equal(await secretary.page.locator("[name=branch_due]").first().inputValue(), "5", "what was typed is still there");
      await secretary.shot("motion-too-few");
      await move(secretary, id, "propose", votes("branch", 5, 5, 5));
      assert.match(await standsAt(secretary), /两委商议/);
      await move(secretary, id, "discuss", votes("board", 7, 6, 6));
      assert.match(await standsAt(secretary), /党员大会审议/);
      await move(secretary, id, "review", votes("party", 42, 36, 33));
      assert.match(await standsAt(secretary), /会前公告/);
      await secretary.shot("motion-called");
      assert.match(await secretary.text("main"), /「村民代表会议表决通过」要等公告期满，.*起可以办/, "the page says from when the vote may be");
      const carry = secretary.page.locator('form[action$="/moves/carry_reps"]');
      assert.equal(await carry.count(), 0, "the vote is shut while the notice stands");
      await secretary.tapOn(secretary.page.locator("a", { hasText: "登记表" }).first());
      assert.ok((await secretary.page.locator(".sheet-a4").count()) >= 6);
      await secretary.leave();

      await guest.page.goto(`/v/${village}/decisions`);
      const posted = guest.page.locator("article.posted", { hasText: subject });
      assert.match(await posted.innerText(), /会前公告/);
      await guest.shot("motion-posted");
      await guest.leave();
    });

    it("and what came of one that was carried is posted, to be checked", async () => {
      const villager = await Someone.come(browser, device);
      await villager.go(`/v/${village}/decisions`);
      await villager.tapOn(villager.page.locator("article.posted h2 a", { hasText: "文化广场照明" }));
      const said = await villager.text("main");
      for (const part of ["同意在文化广场立高杆灯", "高杆灯已立好", "25400"]) assert.ok(said.includes(part), `${part} in ${said}`);
      await villager.shot("motion-result");
      await villager.tapOn(villager.page.locator(".posted-code a").first());
      assert.match(await villager.text(".notice"), /没有被改过/);
      await villager.leave();
    });
  });
}
