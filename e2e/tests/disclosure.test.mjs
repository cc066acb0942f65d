// A village makes something public: drafted by the clerk, checked by the supervision committee, published, read without
// signing in, asked about and answered; at the desk's width and at a phone's.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { villageOfTheCard } from "../lib/county.mjs";
import { DESK, PHONE, Someone, enter, openBrowser } from "../lib/page.mjs";

let browser;
let village;
before(async () => {
  browser = await openBrowser();
  village = await villageOfTheCard();
});
after(() => browser?.close());

/** Makes a move on a matter's page. */
async function move(someone, id, mv, fields = {}) {
  await someone.go(`/desk/matters/${id}`);
  const form = someone.page.locator(`form[action$="/moves/${mv}"]`).first();
  const details = someone.page.locator(`details:has(form[action$="/moves/${mv}"])`).first();
  if ((await details.count()) && !(await details.evaluate((d) => d.open))) await someone.tap(details.locator("summary").first());
  for (const [field, words] of Object.entries(fields)) await form.locator(`[name="${field}"]`).first().fill(words);
  await someone.tapOn(form.locator("button[type=submit]").first());
}

for (const device of [PHONE, DESK]) {
  describe(`disclosure, ${device.name}`, () => {
    const about = device.name === "phone" ? "修补东头渠口" : "旧仓库租给合作社三年";
    const words = `代表会同意${about}，经办电话13800138000`;

    it("goes from a draft to a question that is answered", async () => {
      const clerk = await enter(browser, device, "村文书");
      await clerk.go("/desk/disclosure");
      await clerk.shot("disclosure-village");
      await clerk.go("/desk/intake/village_disclosure");
      const form = clerk.page.locator("form:has([name=words])").first();
      await form.locator("[name=category]").first().evaluate((field) => {
        if (field.tagName === "SELECT") field.value = "village.decision";
      });
      const chosen = form.locator('input[name=category][value="village.decision"]');
      if (await chosen.count()) await chosen.first().check({ force: true });
      await form.locator("select[name=place]").selectOption({ index: 1 });
      const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
      await form.locator("[name=event_on]").fill(today);
      await form.locator("[name=words]").fill(words);
      await clerk.shot("disclosure-draft");
      await clerk.tapOn(form.locator("button[type=submit]:not([name])").first());
      // Where the demo was used before, something like it is there already: it is looked at and is not the same.
      const checked = clerk.page.locator("[name=checked]").first();
      if (await checked.count()) {
        if ((await checked.getAttribute("type")) === "checkbox") await checked.check({ force: true });
        await clerk.tapOn(clerk.page.locator("form:has([name=words]) button[type=submit]:not([name])").first());
      }
      const id = clerk.page.url().match(/matters\/(\d+)/)?.[1];
      assert.ok(id, `no matter at ${clerk.page.url()}: ${await clerk.page.locator("main").innerText()}`);
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
