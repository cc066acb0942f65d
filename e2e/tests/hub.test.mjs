// Leaders and clerks: every figure opens, and what SCREENS.md allows in clicks is not exceeded.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { tableOf } from "../lib/county.mjs";
import { DESK, PHONE, URL_OF, enter, number, openBrowser } from "../lib/page.mjs";

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

const LEADER = "政府办主任";

describe("the hub", () => {
  it("says the morning line at no click, and copies it", async () => {
    const leader = await enter(browser, DESK, LEADER);
    assert.match(new URL(leader.page.url()).pathname, /^\/hub/);
    const line = await leader.text(".morning-words");
    assert.match(line, /昨日受理[\d,]+件/);
    assert.match(line, /在办[\d,]+件/);
    assert.match(line, /超时[\d,]+件|没有超时/);
    assert.equal(leader.counted(), 0);
    await leader.shot("hub");
    await leader.leave();
  });

  it("opens every figure to the same number", async () => {
    const leader = await enter(browser, DESK, LEADER);
    await leader.go("/hub?period=year");
    const links = await leader.page.locator('a[href^="/hub/figures/"]').evaluateAll((all) =>
      all.map((a) => ({ url: a.getAttribute("href"), shown: a.querySelector("b")?.textContent ?? a.textContent })));
    const seen = new Map(links.map((link) => [link.url, link.shown]));
    assert.ok(seen.size > 30, `only ${seen.size} figures open`);
    let compared = 0;
    for (const [url, shown] of seen) {
      const response = await leader.context.request.get(`${URL_OF}${url}`);
      assert.equal(response.status(), 200, url);
      const page = await response.text();
      const value = page.match(/class="figure-value"><b>([^<]+)<\/b>/);
      if (!value || !/^[\d,.]+$/.test(shown.trim())) continue;
      assert.equal(number(value[1]), number(shown), url);
      compared += 1;
    }
    assert.ok(compared > 30, `only ${compared} figures were compared`);
    await leader.leave();
  });

  it("drills down from county to town to village, and the parts add up", async () => {
    const leader = await enter(browser, DESK, LEADER);
    await tableOf(leader, "群众反映");
    const column = 'a.cell[href*="/hub/figures/report.accepted?"] b';
    const total = number(await leader.text(`tfoot ${column}`));
    const parts = (await leader.page.locator(`tbody ${column}`).allInnerTexts()).map(number);
    const note = await leader.text(".hub-table");
    assert.ok(parts.reduce((sum, n) => sum + n, 0) <= total, note);
    const towns = await leader.page.locator(".hub-table tbody th a").allInnerTexts();
    await leader.tapOn(".hub-table tbody th a");
    assert.match(await leader.text(".crumbs"), new RegExp(towns[0]));
    assert.equal(number(await leader.text(`tfoot ${column}`)), parts[0]);
    await leader.shot("hub-town");
    await leader.tapOn(".hub-table tbody th a");
    assert.match(await leader.text(".crumbs"), new RegExp(towns[0]));
    await leader.shot("hub-village");
    await leader.leave();
  });

  it("finds everything overdue in one town in two clicks", async () => {
    const leader = await enter(browser, DESK, LEADER);
    // A town that has something late, if any has: its cell in the table is the way.
    const rows = leader.page.locator('.hub-table tbody tr:has(a[href^="/desk/matters?"][href*="limit=over"])');
    const late = await rows.evaluateAll((all) =>
      all.map((row) => ({ town: row.querySelector("th").innerText.trim(), n: row.querySelector('a[href*="limit=over"]').innerText.trim() })));
    assert.ok(late.length > 1, "no town has a way to what is overdue there");
    const at = Math.max(0, late.findIndex((row) => number(row.n) > 0));
    await leader.tapOn(rows.nth(at).locator('a[href*="limit=over"]'));
    assert.ok(leader.counted() <= 2);
    assert.match(await leader.text("main"), new RegExp(late[at].town));
    assert.equal(await leader.page.locator("tbody .cell-limit .limit-over").count(), Math.min(number(late[at].n), 50));
    assert.equal(await leader.page.locator("tbody .cell-limit .limit:not(.limit-over)").count(), 0, "something there is not overdue");
    await leader.shot("overdue-of-a-town");
    await leader.leave();
  });

  it("goes from a figure of the report to its oldest record in two clicks", async () => {
    const leader = await enter(browser, DESK, LEADER, "/hub/report");
    assert.ok((await leader.page.locator("a.figref").count()) > 20);
    await leader.shot("report");
    leader.counted();
    await leader.tap("a.figref");
    const oldest = leader.page.locator(".fig-card.is-on a[href*='/oldest?']");
    await leader.tapOn(oldest);
    assert.ok(leader.counted() <= 2);
    assert.match(new URL(leader.page.url()).pathname, /^\/desk\/matters\/\d+/);
    assert.ok(await leader.has(".history .event"));
    await leader.leave();
  });

  it("has sources for every figure of the report, and takes it home in each format", async () => {
    const leader = await enter(browser, DESK, LEADER, "/hub/report");
    const lost = await leader.page.evaluate(() =>
      [...document.querySelectorAll("a.figref")].filter((a) => !document.getElementById(`fig-${a.dataset.fig}`)).map((a) => a.dataset.fig));
    assert.deepEqual(lost, []);
    const exports = await leader.page.locator(".exports a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    assert.ok(exports.length >= 2);
    for (const url of exports) {
      const file = await leader.context.request.get(`${URL_OF}${url}`);
      assert.equal(file.status(), 200, url);
      assert.ok((await file.body()).length > 1000, url);
    }
    await leader.leave();
  });

  it("takes the report home in Word within three clicks of the hub", async () => {
    const leader = await enter(browser, DESK, LEADER);
    await leader.tapOn('main a[href^="/hub/report"]');
    const word = leader.page.waitForEvent("download");
    await leader.tap(".exports a");
    assert.match((await word).suggestedFilename(), /\.docx$/);
    assert.ok(leader.counted() <= 3);
    await leader.leave();
  });

  it("refreshes a wall without controls", async () => {
    const leader = await enter(browser, DESK, LEADER, "/hub/wall");
    assert.equal(await leader.page.locator("main button, main select, main input").count(), 0);
    assert.ok(await leader.has(".wall-card"));
    await leader.shot("wall");
    await leader.leave();
  });
});

/** Takes an order in; one that looks like another is told apart by a second press. */
async function takeIn(dispatcher, words, nth) {
  await dispatcher.go("/desk/intake/hotline");
  await dispatcher.shot("desk-intake");
  for (const name of ["category", "place"]) {
    const value = await dispatcher.page.locator(`#intake select[name=${name}] option:not([value=""])`).nth(nth).getAttribute("value");
    await dispatcher.page.locator(`#intake select[name=${name}]`).selectOption(value);
  }
  await dispatcher.type("#intake textarea[name=words]", words);
  const enters = '#intake button[type=submit]:not([name="again"])';
  await dispatcher.tapOn(enters);
  if (dispatcher.page.url().endsWith("/intake/hotline")) await dispatcher.tapOn(enters);
  assert.match(dispatcher.page.url(), /\/desk\/matters\/\d+/);
}

describe("the desk", () => {
  const posts = [["政府办主任", "leader"], ["12345调度员", "dispatcher"], ["承办单位经办人", "unit"], ["村书记", "secretary"], ["网格员", "grid"]];
  for (const device of [PHONE, DESK]) {
    it(`fits the pages of every post, ${device.name}`, async () => {
      for (const [word, name] of posts) {
        const someone = await enter(browser, device, word);
        const pages = new Set(["/desk", "/desk/matters", "/desk/notices"]);
        await someone.go("/desk");
        await someone.shot(`desk-${name}`);
        for (const url of await someone.page.locator(".side-list a").evaluateAll((all) => all.map((a) => a.getAttribute("href")))) pages.add(url);
        await someone.goThrough(pages, (path) => someone.shot(`${name}${path.replaceAll(/[^a-z0-9]+/gi, "-")}`));
        await someone.leave();
      }
    });
  }

  it("takes an order in and dispatches it, as proposed, with one key", async () => {
    const dispatcher = await enter(browser, DESK, "12345调度员");
    const words = `路口的井盖翘起来了，车过就响。${Date.now()}`;
    await takeIn(dispatcher, words, 3);
    await dispatcher.go("/desk");
    const mine = () => dispatcher.page.locator("[data-preview]", { hasText: words.slice(-13) });
    for (let i = 0; i < 60 && !(await mine().count()); i++) {
      const before = await dispatcher.page.locator("[data-preview]").innerText();
      await dispatcher.page.keyboard.press("j");
      await dispatcher.page.waitForFunction((before) => document.querySelector("[data-preview]").innerText !== before, before, { timeout: 5000 });
    }
    assert.ok(await mine().count(), "the order is not on the worklist");
    assert.ok(await dispatcher.has("[data-preview] .proposal"), "there is no proposal");
    const arrived = dispatcher.page.waitForEvent("load", { timeout: 5000 });
    await dispatcher.page.keyboard.press("Enter");
    await arrived;
    assert.ok(!(await dispatcher.has(".notice-bad")));
    await dispatcher.shot("desk-dispatched");
    await dispatcher.leave();
  });

  it("returns an order with a reason and a proposed unit in two clicks", async () => {
    const unit = await enter(browser, DESK, "承办单位经办人", "/desk");
    // An order can be returned within hours only, so one comes in now and is sent to this very unit.
    const dispatcher = await enter(browser, DESK, "12345调度员");
    await takeIn(dispatcher, `楼道口的声控灯不亮，上下楼看不清。${Date.now()}`, 6);
    const url = new URL(dispatcher.page.url()).pathname;
    await dispatcher.go(`${url}?do=dispatch_to`);
    const to = dispatcher.page.locator('details.move:has(form[action$="/moves/dispatch_to"])');
    const post = (await unit.text(".side-user span")) + "承办单位经办人";
    await to.locator('select[name="to"]').selectOption(await to.locator('select[name="to"] option', { hasText: post }).getAttribute("value"));
    await dispatcher.tapOn(to.locator("button[type=submit]"));
    assert.ok(!(await dispatcher.has(".notice-bad")));
    await dispatcher.leave();
    await unit.go(url);
    const move = unit.page.locator('details.move:has(form[action$="/moves/hand_back"])');
    assert.equal(await move.count(), 1, "the order cannot be returned");
    unit.counted();
    await unit.tap(move.locator("summary"));
    await move.locator('[name="reason"]').fill("这一段路面由县交通局管护，附移交文件。");
    await move.locator('[name="duty_basis"]').fill("县住建局三定规定第四条");
    await move.locator('select[name="proposed"]').selectOption({ label: "县交通局" });
    await unit.tapOn(move.locator("button[type=submit]"));
    assert.ok(unit.counted() <= 2);
    await unit.leave();
  });

  it("keeps a grid worker out of the hub, and anybody out without signing in", async () => {
    const worker = await enter(browser, PHONE, "网格员");
    const answer = await worker.page.goto("/hub");
    assert.ok(answer.status() === 403 || answer.status() === 404);
    await worker.leave();
    const page = await fetch(`${URL_OF}/desk`, { redirect: "manual" });
    assert.equal(page.status, 303);
  });
});
