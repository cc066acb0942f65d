// A village makes something public: drafted by the clerk, checked by the supervision committee, published, read without
// signing in, asked about and answered; at the desk's width and at a phone's.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fill, move, takeIn } from "../lib/desk.mjs";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter } from "../lib/page.mjs";

for (const device of [PHONE, DESK]) {
  describe(`disclosure, ${device.name}`, () => {
    const about = device.name === "phone" ? "修补东头渠口" : "旧仓库租给合作社三年";
    const words = `代表会同意${about}，经办电话13800138000`;

    it("goes from a draft to a question that is answered", async () => {
      const clerk = await enter(browser, device, "村文书");
      await clerk.go("/desk/disclosure");
      await clerk.shot("disclosure-village");
      await clerk.go("/desk/intake/village_disclosure");
      const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
      const draft = { category: "village.decision", place: 1, event_on: today, words };
      await fill(clerk.page.locator("form:has([name=words])").first(), draft);
      await clerk.shot("disclosure-draft");
      const id = await takeIn(clerk, "", {});
      const item = `/v/${village}/open/${id}`;

      const villager = await Someone.come(browser, device, { javaScriptEnabled: false });
      assert.equal((await villager.page.goto(item)).status(), 404, "a draft is nobody's but the village's");
      await move(clerk, id, "submit");
      const supervisor = await enter(browser, device, "村监委主任");
      await move(supervisor, id, "check", { opinion: "会议记录和签到看过。" });
      await move(clerk, id, "publish");
      await clerk.leave();

      await villager.go(`/v/${village}`);
      await villager.go(`/v/${village}/open`);
      await villager.shot("disclosure-list");
      await villager.go(item);
      const read = await villager.page.locator("main").innerText();
      assert.ok(read.includes(about), read);
      assert.match(read, /138\*{4}8000/);
      assert.doesNotMatch(read, /13800138000/);
      await villager.shot("disclosure-item");
      assert.match(await villager.page.locator("#ask").innerText(), /疑问可以提到\d{4}-\d\d-\d\d/);
      await villager.tapOn(villager.page.locator('a[href^="/check/"]'));
      const verified = await villager.page.locator("main").innerText();
      assert.ok(verified.includes(about) && /已记下/.test(verified), verified);
      await villager.shot("disclosure-receipt");
      const receipt = await villager.page.locator("#keep").inputValue();
      await villager.type("#receipt", receipt.replace(about, `${about}吗`));
      await villager.tapOn("form[action='/check'] button[type=submit]");
      assert.match(await villager.page.locator("main").innerText(), /被改过/);
      await villager.go(item);
      await villager.tap("#ask summary");
      await villager.type("#words", "谁家出工，算不算工钱？");
      await villager.tapOn("#ask button[type=submit]");
      assert.match(villager.page.url(), /\/m\/[^/]+\/sent$/);
      await villager.go(item);
      assert.match(await villager.page.locator("#ask").innerText(), /等村监委答复/);

      await supervisor.go(`/desk/matters?kind=objection&place=${village}`);
      const asked = supervisor.page.locator('a[href*="/desk/matters/"]').filter({ hasText: /公开疑问|谁家出工/ }).first();
      const link = (await asked.count()) ? await asked.getAttribute("href") : null;
      assert.ok(link, "the question is on the list");
      await move(supervisor, link.match(/matters\/(\d+)/)[1], "answer", { reply: "每户一个工，村集体管饭，不发工钱。" });
      await supervisor.leave();

      await villager.go(item);
      assert.match(await villager.page.locator("#ask").innerText(), /每户一个工/);
      await villager.go(`${item}/poster`);
      await villager.shot("disclosure-poster");
      await villager.go(`${item}/sheet`);
      await villager.shot("disclosure-sheet");
      await villager.leave();
    });

    it("shows nobody's payments but one's own", async () => {
      const villager = await Someone.come(browser, device, { javaScriptEnabled: false });
      await villager.go(`/v/${village}/own`);
      await villager.type("#name", "无此人");
      await villager.type("#number", "123456");
      await villager.tapOn("form.lookform button[type=submit]");
      assert.match(await villager.page.locator("main").innerText(), /没有查到/);
      await villager.shot("own-none");
      await villager.leave();
    });
  });
}
