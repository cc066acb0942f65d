// The steps that SCREENS allows at the order desk, counted: what the dispatcher, the unit and the village do all day.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DESK, PHONE, enter, openBrowser } from "../lib/page.mjs";

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

const ENTERS = '#intake button[type=submit]:not([name="again"])';

/** Fills the intake form; `more` are further fields by name. */
async function fillIntake(dispatcher, words, nth, more = {}) {
  await dispatcher.go("/desk/intake/hotline");
  for (const name of ["category", "place"]) {
    const value = await dispatcher.page.locator(`#intake select[name=${name}] option:not([value=""])`).nth(nth).getAttribute("value");
    await dispatcher.page.locator(`#intake select[name=${name}]`).selectOption(value);
  }
  await dispatcher.page.evaluate(() => document.querySelectorAll("details.intake-part").forEach((d) => { d.open = true; }));
  for (const [name, value] of Object.entries(more)) await dispatcher.type(`#intake input[name=${name}]`, value);
  await dispatcher.type("#intake textarea[name=words]", words);
}

/** Sends the form; one that looks like another is told apart by a second press. Returns the address of the matter. */
async function send(dispatcher) {
  await dispatcher.tapOn(ENTERS);
  if (dispatcher.page.url().endsWith("/intake/hotline")) await dispatcher.tapOn(ENTERS);
  return new URL(dispatcher.page.url()).pathname;
}

/** Takes an order in and sends it to the unit of whoever is given. Returns the address of the matter. */
async function sentTo(unit, words) {
  const dispatcher = await enter(browser, DESK, "12345调度员");
  await fillIntake(dispatcher, words, 17);
  const url = await send(dispatcher);
  await dispatcher.go(`${url}?do=dispatch_to`);
  const to = dispatcher.page.locator('details.move:has(form[action$="/moves/dispatch_to"])');
  const post = `${await unit.text(".side-user span")}承办单位经办人`;
  await to.locator('select[name="to"]').selectOption(await to.locator('select[name="to"] option', { hasText: post }).getAttribute("value"));
  await dispatcher.tapOn(to.locator("button[type=submit]"));
  await dispatcher.leave();
  return url;
}

describe("the steps of the order desk", () => {
  it("gives a reply in the columns of the platform above at one click", async () => {
    const dispatcher = await enter(browser, DESK, "12345调度员");
    await fillIntake(dispatcher, `市平台转来：门口的积水三天没退。${Date.now()}`, 11, { upper_no: `SJ${Date.now()}` });
    const url = await send(dispatcher);
    await dispatcher.go(`${url}?do=answer_directly`);
    const form = dispatcher.page.locator('details.move:has(form[action$="/moves/answer_directly"])');
    await form.locator('textarea[name="reply"]').fill("已派车抽排，积水已退，今后雨前先清排水口。");
    await dispatcher.tapOn(form.locator("button[type=submit]"));
    await dispatcher.go(url);
    dispatcher.counted();
    const copies = dispatcher.page.locator("section.card details.copy", { has: dispatcher.page.locator("textarea") }).first();
    const text = await copies.locator("textarea").inputValue();
    assert.match(text, /^SJ\d+\t[^\t]*\t已派车抽排，积水已退[^\t]*\t/);
    assert.match(await dispatcher.text("main"), /SJ\d+/);
    await dispatcher.tap(copies.locator("[data-copy]"));
    assert.equal(dispatcher.counted(), 1);
    await dispatcher.shot("steps-columns");
    await dispatcher.leave();
  });

  it("shows what a telephone reported before, and makes it a repeat at one click", async () => {
    const dispatcher = await enter(browser, DESK, "12345调度员");
    const phone = `199000${String(Date.now()).slice(-5)}`;
    await fillIntake(dispatcher, `渠口的闸门关不严。${Date.now()}`, 14, { reporter_phone: phone });
    const first = await send(dispatcher);
    const number = await dispatcher.text(".matter-number");
    await fillIntake(dispatcher, `又打来：闸门还是关不严。${Date.now()}`, 14, { reporter_phone: phone });
    const repeat = dispatcher.page.locator(".intake-calls button[data-put]");
    await repeat.waitFor();
    assert.match(await dispatcher.text(".intake-calls"), new RegExp(number));
    dispatcher.counted();
    await dispatcher.tap(repeat);
    assert.equal(dispatcher.counted(), 1);
    assert.equal(await dispatcher.page.locator('#intake input[name="repeat_of"]').inputValue(), number);
    await send(dispatcher);
    assert.ok(await dispatcher.has(`a[href="${first}"]`), "the later one leads to the earlier one");
    await dispatcher.leave();
  });

  it("lets the unit hand its draft to the head in two clicks and the words", async () => {
    const unit = await enter(browser, DESK, "承办单位经办人");
    const url = await sentTo(unit, `楼顶的水箱往下滴水。${Date.now()}`);
    await unit.go(url);
    unit.counted();
    await unit.tapOn('form[action$="/moves/sign"] button');
    assert.equal(unit.counted(), 1, "signing for it is one click");
    const draft = unit.page.locator('details.move:has(form[action$="/moves/submit"])');
    await unit.tap(draft.locator("summary"));
    await draft.locator('textarea[name="draft"]').fill("已更换浮球阀，看了半天不再滴水。");
    await unit.tapOn(draft.locator("button[type=submit]"));
    assert.equal(unit.counted(), 2);
    assert.match(await unit.text("main"), /待审签/);
    await unit.shot("steps-draft");
    await unit.leave();
  });

  it("lets the head of a unit sign a reply off in two clicks, with the words of the draft", async () => {
    const unit = await enter(browser, DESK, "承办单位经办人");
    const head = await enter(browser, DESK, "承办单位负责人");
    const url = await sentTo(unit, `阳台的排水管堵了。${Date.now()}`);
    await unit.go(url);
    await unit.tapOn('form[action$="/moves/sign"] button');
    const draft = unit.page.locator('details.move:has(form[action$="/moves/submit"])');
    await unit.tap(draft.locator("summary"));
    await draft.locator('textarea[name="draft"]').fill("已疏通，冲水试过三遍。");
    await unit.tapOn(draft.locator("button[type=submit]"));
    await unit.leave();
    await head.go(url);
    head.counted();
    const sign = head.page.locator('details.move:has(form[action$="/moves/sign_off"])');
    if (!(await sign.evaluate((d) => d.open))) await head.tap(sign.locator("summary"));
    assert.match(await sign.locator('textarea[name="reply"]').inputValue(), /冲水试过三遍/);
    await head.shot("steps-sign-off-before");
    await head.tapOn(sign.locator("button[type=submit]"));
    assert.ok(head.counted() <= 2);
    assert.match(await head.text("main"), /冲水试过三遍/);
    await head.shot("steps-sign-off");
    await head.leave();
  });

  // Few orders are overdue in a demo: the phone looks, the desk says the word.
  for (const device of [PHONE, DESK]) {
    it(`lets a leader instruct on a matter from the hub in two clicks and the words, ${device.name}`, async () => {
      const leader = await enter(browser, device, "县政府办主任");
      await leader.go("/hub");
      leader.counted();
      assert.match(await leader.text("#instruct h2"), /待批示/);
      await leader.shot("steps-instruct-hub");
      await leader.tapOn("#instruct a");
      const form = leader.page.locator('details.move:has(form[action$="/moves/instruct"])');
      assert.ok(await form.evaluate((d) => d.open), "the form stands open");
      await leader.shot("steps-instruct-form");
      assert.equal(leader.counted(), 1);
      if (device === DESK) {
        const words = `请承办单位三日内办结并当面答复。${Date.now()}`;
        await form.locator('[name="instruction"]').first().fill(words);
        await leader.tapOn(form.locator("button[type=submit]"));
        assert.equal(leader.counted(), 1);
        assert.match(await leader.text("main"), new RegExp(words));
        await leader.shot("steps-instruct");
      }
      await leader.leave();
    });
  }

  it("arranges a stand-in in two clicks, a name and a day", async () => {
    const secretary = await enter(browser, DESK, "村书记");
    await secretary.go("/desk/people");
    secretary.counted();
    const way = secretary.page.locator('a[href*="stand="]').first();
    const form = secretary.page.locator('details.move:has(form[action$="/stand"])').first();
    // Where there are many to choose from, the form is a page of its own, unfolded.
    if (await way.count()) await secretary.tapOn(way);
    else await secretary.tap(form.locator("summary"));
    const someone = form.locator('select[name="who"] option:not([value=""])').first();
    await form.locator('select[name="who"]').selectOption(await someone.getAttribute("value"));
    await form.locator('input[name="until"]').fill(await form.locator('input[name="from"]').inputValue());
    await secretary.tapOn(form.locator("button[type=submit]"));
    assert.ok(secretary.counted() <= 2);
    assert.ok(await secretary.has(".notice-good"), "the page says until when");
    await secretary.shot("steps-stand");
    await secretary.leave();
  });
});
