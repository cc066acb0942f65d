// A sheet of the city's platform on the desk: uploaded, looked at, the sound rows imported, the corrected file taken
// along, uploaded again; at the phone's width and at the office's, and without JavaScript.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { browser, village } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter } from "../lib/page.mjs";

/** Three sound orders and two wrong ones; the numbers are new in every run. */
function orders(run) {
  const lines = [
    "市12345平台派单明细",
    "工单编号,来电人,联系电话,诉求内容,诉求类别,事发地,紧急程度,办结时限",
    `${run}-1,钱某甲,19900001111,村口的路灯不亮,路灯,${village},一般,2031年3月9日`,
    `${run}-2,钱某乙,19900001112,停水了,停水,${village},特急,2031/3/9`,
    `${run}-3,钱某丙,19900001113,垃圾没人清,垃圾乱倒,${village},一般,20310309`,
    `${run}-4,钱某丁,12,停电,停电,没有的村,一般,3/9/2031`,
    `,钱某戊,19900001115,停水,停水,${village},一般,`,
  ];
  return { name: "派单.csv", mimeType: "text/csv", buffer: Buffer.from("\ufeff" + lines.join("\r\n")) };
}

/** Picks the sheet and the file, and sends them; the page of the import, once it was looked at. */
async function upload(clerk, file) {
  await clerk.go("/desk/import");
  await clerk.page.selectOption("#sheet", { label: "市平台派单表" });
  await clerk.page.locator("#file").setInputFiles(file);
  await clerk.tapOn("form.upload button[type=submit]");
  for (let i = 0; i < 30 && (await clerk.has('meta[http-equiv="refresh"]')); i++) {
    await clerk.page.waitForTimeout(500);
    await clerk.go(new URL(clerk.page.url()).pathname);
  }
}

/** Numbers under a heading. */
const count = async (clerk, label) => Number(await clerk.page.locator(".counts div", { hasText: label }).locator("dd").innerText());

for (const device of [PHONE, DESK]) {
  describe(`a sheet of orders, ${device.name}`, () => {
    const run = `E2E${device.name}${Date.now()}`;
    let clerk;
    before(async () => { clerk = await enter(browser, device, "12345调度员"); });
    after(() => clerk?.leave());

    it("is looked at before anything is taken in", async () => {
      await clerk.go("/desk/import");
      await clerk.shot("import-1-start");
      await upload(clerk, orders(run));
      assert.equal(await count(clerk, "可导入"), 3);
      assert.equal(await count(clerk, "有错"), 2);
      const faults = await clerk.text("section.card:has(.found)");
      for (const said of ["F6", "没有这个地方", "C6", "H6", "A7"]) assert.ok(faults.includes(said), `${said} in ${faults}`);
      await clerk.shot("import-2-check");
    });

    it("gives a file with the wrong cells marked", async () => {
      const coming = clerk.page.waitForEvent("download");
      await clerk.tap("a[href$='/corrected']");
      const file = await coming;
      assert.match(file.suggestedFilename(), /\.xlsx$/);
      const bytes = readFileSync(await file.path());
      assert.equal(bytes.subarray(0, 2).toString(), "PK");
    });

    it("can be matched by hand", async () => {
      await clerk.tap("details.card:has(.match) > summary");
      await clerk.shot("import-3-match");
      await clerk.tapOn(".match-more button[type=submit]");
      assert.equal(await count(clerk, "可导入"), 3);
    });

    it("takes in the sound rows, and each once", async () => {
      await clerk.tapOn('form[action$="/run"] button');
      for (let i = 0; i < 30 && (await clerk.has('meta[http-equiv="refresh"]')); i++) {
        await clerk.page.waitForTimeout(500);
        await clerk.go(new URL(clerk.page.url()).pathname);
      }
      assert.match(await clerk.text(".job"), /新收 3 行/);
      await clerk.shot("import-4-done");
      await clerk.tapOn(clerk.page.locator('.lines a[href^="/desk/matters/"]').first());
      assert.match(await clerk.text("main"), new RegExp(`${run}-1`));
      await upload(clerk, orders(run));
      assert.equal(await count(clerk, "已收过"), 3);
      assert.equal(await count(clerk, "可导入"), 0);
    });

    it("goes out again in the platform's columns", async () => {
      await clerk.go("/desk/export?kind=hotline&status=active");
      await clerk.shot("export-1-ask");
      await clerk.tapOn("form.upload button[type=submit]");
      await clerk.shot("export-2-ready");
      const coming = clerk.page.waitForEvent("download");
      await clerk.tap('a[href$="as=csv"]');
      const text = readFileSync(await (await coming).path(), "utf8");
      assert.ok(text.includes(`${run}-1`), "the order is in the file");
      assert.ok(!text.includes("19900001111"), "and no telephone");
    });
  });
}

describe("without JavaScript", () => {
  it("an import goes the same way", async () => {
    const clerk = await enter(browser, DESK, "12345调度员");
    const plain = await Someone.come(browser, DESK, { javaScriptEnabled: false });
    await plain.context.addCookies(await clerk.context.cookies());
    const run = `NOJS${Date.now()}`;
    await upload(plain, orders(run));
    await plain.tapOn('form[action$="/run"] button');
    for (let i = 0; i < 30 && (await plain.has('meta[http-equiv="refresh"]')); i++) {
      await plain.page.waitForTimeout(500);
      await plain.go(new URL(plain.page.url()).pathname);
    }
    assert.match(await plain.text(".job"), /新收 3 行/);
    await plain.leave();
    await clerk.leave();
  });
});
