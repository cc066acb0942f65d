// Lists: a villager comes from the village's page to one item with its chart, on one sheet with a code; the village runs the
// item along that chart and what was done is posted; versions are compared; a list goes out as a workbook and comes back.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { move, standsAt, takeIn } from "../lib/desk.mjs";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, URL_OF, enter } from "../lib/page.mjs";

const LIST = "小微权力事项清单";
const ITEM = "出具证明和使用公章";
const WHO = "钱某甲";

/** Pages of A4 that a page fills on paper. */
async function sheets(someone) {
  const pdf = await someone.page.pdf({ format: "A4" });
  return pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
}

/** Sends a file to be looked at. */
async function look(someone, list, file) {
  await someone.go(list);
  await someone.page.locator("#file").setInputFiles(file);
  await someone.tapOn('form[action$="/preview"] button[type=submit]');
}

async function download(someone, target) {
  const coming = someone.page.waitForEvent("download");
  await someone.tap(target);
  const file = await coming;
  return { name: file.suggestedFilename(), buffer: readFileSync(await file.path()) };
}

for (const device of [PHONE, DESK]) {
  describe(`lists, ${device.name}`, () => {
    it("lead from the village's page to one item with its chart and code, on one sheet of paper", async () => {
      const villager = await Someone.come(browser, device);
      await villager.go(`/v/${village}`);
      await villager.tapOn(villager.page.locator(`a[href="/v/${village}/lists"]`));
      await villager.shot("lists");
      await villager.tap(villager.page.locator("details.card > summary", { hasText: LIST }));
      await villager.tapOn(villager.page.locator("details[open] a", { hasText: ITEM }));
      assert.equal(await villager.text("h1"), ITEM);
      const steps = await villager.page.locator("svg.flow .flow-title").allTextContents();
      assert.ok(steps.length >= 3 && steps[0].startsWith("1 "), steps.join("|"));
      const said = await villager.text("article");
      for (const column of ["依据", "时限", "监督人", "风险点"]) assert.ok(said.includes(column), `${column} in ${said}`);
      const code = villager.page.locator(".paper-qr img");
      assert.ok(await code.evaluate((img) => img.complete && img.naturalWidth > 0), "the code is a picture");
      const svg = await fetch(URL_OF + (await code.getAttribute("src")));
      assert.match(svg.headers.get("content-type"), /^image\/svg\+xml/);
      assert.ok(await villager.page.locator("button[data-print]").first().isVisible());
      await villager.shot("lists-item");
      assert.equal(await sheets(villager), 1, "what hangs on the wall is one sheet");
      await villager.leave();
    });

    it("can be searched and read without JavaScript", async () => {
      const villager = await Someone.come(browser, device, { javaScriptEnabled: false });
      await villager.page.goto(`/v/${village}/lists`);
      await villager.page.locator("#q").fill("公章");
      await villager.tap("form[role=search] button");
      await villager.page.waitForURL(/q=/);
      assert.equal(await villager.page.locator(`a:has-text("${ITEM}")`).isVisible(), true);
      await villager.page.goto(`/v/${village}/lists?q=${encodeURIComponent("没有这样的事")}`);
      assert.match(await villager.text("main"), /没有找到/);
      await villager.shot("lists-none");
      await villager.leave();
    });

    it("are run item by item along the chart, and what was done is posted", async () => {
      const clerk = await enter(browser, device, "村文书");
      await clerk.go("/desk/lists");
      await clerk.shot("lists-desk");
      await clerk.tapOn(clerk.page.locator("a", { hasText: LIST }));
      await clerk.shot("lists-desk-one");
      await clerk.tapOn(clerk.page.locator("td a", { hasText: ITEM }));
      assert.ok(await clerk.has("svg.flow"));
      await clerk.shot("lists-desk-item");
      const wall = await clerk.page.locator(`a[href^="/v/${village}/lists/"]`).getAttribute("href");
      await clerk.tapOn(clerk.page.locator('a[href^="/desk/intake/"]'));
      assert.equal(await clerk.page.locator("select[name=item] option:checked").innerText(), ITEM, "the item is filled in");
      const words = `入学用的居住情况说明${Date.now() % 100000}`;
      const id = await takeIn(clerk, null, { place: 1, reporter_name: WHO, words, channel: "counter" });
      assert.match(await standsAt(clerk), /待核实/);
      await clerk.shot("lists-run-1");
      await move(clerk, id, "check", { checked: "住在二组，邻居和组长都知道。" });
      assert.match(await standsAt(clerk), /待审批用印/);
      assert.equal(await clerk.has('form[action$="/moves/seal"]'), false, "whoever checked it does not seal it");
      await clerk.leave();

      const secretary = await enter(browser, device, "村书记");
      await move(secretary, id, "seal", { copies: 1 });
      assert.match(await standsAt(secretary), /已用印/);
      await secretary.shot("lists-run-2");
      const number = (await secretary.text("main")).match(/\d{8}-\d{4}/)[0];
      await secretary.leave();

      const villager = await Someone.come(browser, device);
      await villager.go(`/v/${village}/decisions`);
      const posted = villager.page.locator("article.posted", { hasText: number });
      const said = await posted.innerText();
      assert.ok(said.includes(ITEM) && !said.includes(WHO) && !said.includes(words), said);
      await villager.tapOn(posted.locator(".posted-code a"));
      assert.match(await villager.text(".notice"), /已记下|没有被改过/);
      await villager.go(wall);
      assert.equal(await villager.text("h1"), ITEM);
      await villager.leave();
    });

    it("are compared between versions", async () => {
      const clerk = await enter(browser, device, "村文书");
      await clerk.go("/desk/lists/power-items");
      await clerk.tapOn(clerk.page.locator('a[href$="/changes"]'));
      assert.match(await clerk.text("section.card"), /新增1条，取消1条，改动2条/);
      assert.ok(await clerk.has(".list-diff del"));
      await clerk.shot("lists-changes");
      await clerk.page.locator("#old").selectOption({ index: 0 });
      await clerk.tapOn("form:has(#old) button");
      assert.match(await clerk.text("section.card"), /两版一样/);
      await clerk.leave();
    });

    it("go out as a workbook, in either language, and come back with what was changed", async () => {
      const clerk = await enter(browser, device, "村文书");
      const list = "/desk/lists/power-items";
      const type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
      await clerk.go(list);
      const book = await download(clerk, 'a[href$="/xlsx"]');
      assert.match(book.name, /\.xlsx$/);
      await clerk.go("/lang/en");
      await clerk.go(list);
      const english = await download(clerk, 'a[href$="/xlsx"]');
      await clerk.go("/lang/zh-CN");
      for (const { name, buffer } of [english, book]) {
        await look(clerk, list, { name, mimeType: type, buffer });
        assert.match(await clerk.text("main"), /两版一样/);
      }
      await clerk.shot("lists-same");
      await clerk.page.locator("#file").setInputFiles({ name: book.name, mimeType: type, buffer: book.buffer });
      const csv = await download(clerk, 'form[action$="/csv"] button[type=submit]');
      const text = csv.buffer.toString("utf8");
      assert.ok(text.includes(ITEM), text.slice(0, 300));
      const send = (words) => look(clerk, list, { name: "清单.csv", mimeType: "text/csv", buffer: Buffer.from(words) });
      await send(text.replace("当场或2个工作日", "当场"));
      assert.match(await clerk.text("main"), /新增0条，取消0条，改动1条/);
      assert.ok((await clerk.text(".list-diff")).includes("当场或2个工作日"));
      await clerk.shot("lists-changed");
      await send(text.replace("village_proof", "没有的流程"));
      assert.match(await clerk.text("main"), /有1处要改/);
      assert.match(await clerk.text("main"), /流程不认识/);
      await clerk.shot("lists-faults");
      await clerk.leave();
    });
  });
}
