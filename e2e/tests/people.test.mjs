// Staff and posts from a spreadsheet: wrong cells are named, sound rows are taken in, each new one gets a link for a first
// password; a password that was forgotten is reset, and its old sessions end.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { browser } from "../lib/opened.mjs";
import { DESK, PHONE, Someone, enter } from "../lib/page.mjs";

const LOGIN = `xi${Date.now()}`;
const NAME = `隰小${LOGIN.slice(-6)}`;
const HEAD = "姓名,登录名,岗位,单位,办公电话,任职日期,备注";
const FILE = `${HEAD}\n${NAME},${LOGIN},承办单位经办人,县住建局,0953-0000999,\n隰小二,x,没有的岗位,县住建局,０９５３－0000998,2026年13月40日,\n`;

/** Sets a password behind a one-time link and goes in. */
async function begin(link, password) {
  const someone = await Someone.come(browser, PHONE);
  await someone.go(link);
  for (const field of await someone.page.locator("input[type=password]").all()) await field.fill(password);
  await someone.tapOn(someone.page.locator("form:has(input[type=password]) button[type=submit]"));
  assert.match(new URL(someone.page.url()).pathname, /^\/(desk|hub)/, await someone.text("main"));
  return someone;
}

/** The row of whoever holds a post under a name. */
function held(admin, name) {
  return admin.page.locator("tr").filter({ has: admin.page.locator(".cell-holder", { hasText: name }) });
}

describe("staff", () => {
  it("come from a spreadsheet, get a link each, and a new password when theirs is lost", async () => {
    const admin = await enter(browser, DESK, "系统管理员");
    await admin.go("/desk/import");
    await admin.page.locator("select[name=sheet]").selectOption("staff");
    await admin.page.locator("input[type=file]").setInputFiles({ name: "人员.csv", mimeType: "text/csv", buffer: Buffer.from(FILE) });
    await admin.tapOn("form:has(input[type=file]) button[type=submit]");
    await admin.page.locator(".counts .is-bad").waitFor();
    const wrong = await admin.page.locator(".cell-at").allInnerTexts();
    for (const cell of ["B3", "C3", "F3"]) assert.ok(wrong.some((at) => at.startsWith(cell)), `${cell} is not among ${wrong}`);
    assert.match(await admin.text("main"), /备注/, "the column that leads nowhere is said");
    await admin.shot("people-import");
    await admin.tapOn('form[action$="/run"] button');
    const links = admin.page.locator('form[action$="/links"] button');
    await links.waitFor();
    await admin.tapOn(links);
    const printed = await admin.text("main");
    assert.match(printed, new RegExp(LOGIN));
    await admin.shot("people-links");
    const first = printed.match(/\/setup\/[\w-]+/)?.[0];
    assert.ok(first, printed);

    const novice = await begin(first, "Xi-2026-first-word");
    await novice.go("/desk");
    await novice.shot("people-first-day");

    await admin.go("/desk/people");
    const row = held(admin, NAME).first();
    await admin.tap(row.locator("summary", { hasText: "重设密码" }));
    await admin.tapOn(row.locator('form[action$="/password"] button[type=submit]'));
    const second = (await admin.text("main")).match(/\/setup\/[\w-]+/)?.[0];
    assert.ok(second, await admin.text("main"));
    await novice.page.goto("/desk");
    assert.match(novice.page.url(), /sign-in/, "the old session has ended");
    await novice.leave();
    await (await begin(second, "Xi-2026-second-word")).leave();

    await admin.go("/desk/people");
    const end = held(admin, NAME).first();
    await admin.tap(end.locator("summary", { hasText: "卸任" }));
    await admin.tapOn(end.locator('form[action$="/end"] button[type=submit]'));
    await admin.go("/desk/people");
    assert.equal(await held(admin, NAME).count(), 0, "whoever left holds no post");
    await admin.leave();
  });
});
