// What staff do on a matter: take one in, make a move, see where it stands in its chart.
import assert from "node:assert/strict";
import { number } from "./page.mjs";

/** Fills the fields of a form by name: a choice by its value, a select by its value or the n-th option, the rest as words. */
export async function fill(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name="${name}"]`).first();
    const kind = await field.evaluate((f) => (f.tagName === "SELECT" ? "select" : f.type));
    if (kind === "select") await field.selectOption(typeof value === "number" ? { index: value } : value);
    else if (kind === "radio") await form.locator(`[name="${name}"][value="${value}"]`).check({ force: true });
    else await field.fill(String(value));
  }
}

/** Opens the form of a kind, or stays on the one that is open, and sends it; the id of the matter. */
export async function takeIn(someone, kind, fields) {
  if (kind) await someone.go(`/desk/intake/${kind}`);
  const form = someone.page.locator("form:has([name=words])").first();
  await fill(form, fields);
  await someone.tapOn(form.locator("button[type=submit]:not([name])").first());
  // Where the demo was used before, something like it is there already: it is looked at and is not the same.
  const checked = someone.page.locator("[name=checked]").first();
  if (new URL(someone.page.url()).pathname.startsWith("/desk/intake") && (await checked.count())) {
    if ((await checked.getAttribute("type")) === "checkbox") await checked.check({ force: true });
    await someone.tapOn(someone.page.locator("form:has([name=words]) button[type=submit]:not([name])").first());
  }
  const id = someone.page.url().match(/matters\/(\d+)/)?.[1];
  assert.ok(id, `no matter at ${someone.page.url()}: ${await someone.text("main")}`);
  return id;
}

/** Makes a move on a matter's page. */
export async function move(someone, id, mv, fields = {}, again = true) {
  await someone.go(`/desk/matters/${id}`);
  const form = someone.page.locator(`form[action$="/moves/${mv}"]`).first();
  assert.ok(await form.count(), `${mv} is not offered: ${await someone.text("main")}`);
  const details = someone.page.locator(`details:has(form[action$="/moves/${mv}"])`).first();
  if ((await details.count()) && !(await details.evaluate((d) => d.open))) await someone.tap(details.locator("summary").first());
  await fill(form, fields);
  await someone.tapOn(form.locator("button[type=submit]").first());
  // The clock may have told somebody of a time that ran out just then: whoever reads so looks again and goes on.
  if (again && (await someone.page.locator("main", { hasText: "别人先办了一步" }).count())) await move(someone, id, mv, fields, false);
}

/** The step of its chart that the matter on this page stands in. */
export async function standsAt(someone) {
  const way = someone.page.locator("#chart a").first();
  if (await way.count()) await someone.tapOn(way);
  return (await someone.page.locator("svg.flow .flow-now .flow-title").first().textContent()).trim();
}

/** Points that a bag of salt costs in the demo's shop. */
export const SALT = 4;

/** Addresses of the households' passbooks, as the counter of the points shop lists them. */
export async function passbooks(keeper) {
  await keeper.go("/desk/points");
  const homes = await keeper.page.locator('a[href^="/h/"]').evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert.ok(homes.length > 0, "no household is in the register");
  return homes;
}

/** Of these passbooks one with at least so many points; whoever looks is left on it. */
export async function withPoints(someone, homes, least) {
  for (const home of homes) {
    await someone.go(home);
    if (number(await someone.text(".purse")) >= least) return home;
  }
  return assert.fail(`no household has ${least} points`);
}
