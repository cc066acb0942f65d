// The list of matters in a browser: a long choice is searched, a row says the whole path, the file holds the whole list, what
// a reader may not do is not offered, and on the phone the rows come before the filters.
import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { browser } from "../lib/opened.mjs";
import { DESK, PHONE, enter } from "../lib/page.mjs";

describe("the list of matters", () => {
  it("is narrowed by a category that is searched for, and every row says its whole path", async () => {
    const desk = await enter(browser, DESK, "12345调度员");
    await desk.go("/desk/matters?kind=hotline");
    const box = desk.page.locator(".filter:has(#by-category) .typeahead");
    assert.equal(await box.count(), 1, "a long choice has a box");
    await box.fill("停水");
    const chosen = await desk.page.locator("#by-category").evaluate((s) => s.selectedOptions[0].textContent);
    assert.match(chosen, /停水/);
    await desk.tapOn(desk.page.locator(".filters button[type=submit]"));
    const paths = await desk.page.locator("tbody .cell-path").allInnerTexts();
    assert.ok(paths.length > 0 && paths.every((p) => p.includes("停水")), paths.join());
    await desk.shot("list-category");
    await desk.leave();
  });

  it("is narrowed by a village below its town, and by a unit", async () => {
    const desk = await enter(browser, DESK, "12345调度员");
    await desk.go("/desk/matters?status=active");
    await desk.page.locator("#by-place").selectOption({ index: 1 });
    await desk.tapOn(desk.page.locator(".filters button[type=submit]"));
    const village = desk.page.locator("#by-place optgroup option").first();
    const name = await village.textContent();
    await desk.page.locator("#by-place").selectOption(await village.getAttribute("value"));
    await desk.tapOn(desk.page.locator(".filters button[type=submit]"));
    assert.match(await desk.text(".active-filters"), new RegExp(name));
    const units = await desk.page.locator("#by-unit option").count();
    assert.ok(units > 2, "the county's units can be chosen");
    await desk.leave();
  });

  it("goes along whole as a spreadsheet, and prints", async () => {
    const desk = await enter(browser, DESK, "12345调度员");
    await desk.go("/desk/matters?kind=hotline&status=active");
    const [file] = await Promise.all([desk.page.waitForEvent("download"), desk.tap('a[href*="matters.xlsx"]')]);
    assert.match(file.suggestedFilename(), /\.xlsx$/);
    let pressed = 0;
    await desk.page.exposeFunction("printed", () => { pressed += 1; });
    await desk.page.evaluate(() => { window.print = () => window.printed(); });
    await desk.tap("[data-print]");
    await desk.page.waitForFunction(() => true);
    assert.equal(pressed, 1, "the button prints");
    await desk.leave();
  });

  it("offers no file to whoever may not take one", async () => {
    const unit = await enter(browser, DESK, "承办单位经办人");
    await unit.go("/desk/matters");
    assert.equal(await unit.has('a[href*="matters.xlsx"]'), false);
    await unit.leave();
  });

  it("bears a search of any length", async () => {
    const desk = await enter(browser, DESK, "12345调度员");
    await desk.go(`/desk/matters?q=${encodeURIComponent("灯".repeat(2000))}`);
    assert.ok((await desk.text(".active-filters")).length < 80);
    await desk.leave();
  });

  it("shows rows before filters on the phone", async () => {
    const desk = await enter(browser, PHONE, "12345调度员");
    await desk.go("/desk/matters");
    assert.equal(await desk.page.locator("#by-status").isVisible(), false);
    const top = await desk.page.locator("tbody tr").first().evaluate((r) => r.getBoundingClientRect().top);
    assert.ok(top < 700, `the first row begins at ${top}`);
    await desk.shot("list");
    await desk.tap("[data-more]");
    assert.ok(await desk.page.locator("#by-status").isVisible());
    await desk.leave();
  });
});
