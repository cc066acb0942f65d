// A villager is told by text message of what the village makes public: a number and its code on the public page, a disclosure
// is published, the message leads to it, and its link stops it. Without JavaScript, on a phone; no page shows the number.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fill, move, takeIn } from "../lib/desk.mjs";
import { browser, village } from "../lib/opened.mjs";
import { PHONE, Someone, enter } from "../lib/page.mjs";

/** A number that no carrier gives out and that this test alone uses. */
const NUMBER = `1990000${String(Date.now() % 10_000).padStart(4, "0")}`;
const TAIL = NUMBER.slice(-4);

/** Messages to the number that the demo shows, newest first. */
async function texts(someone) {
  await someone.go("/demo/texts");
  const all = await someone.page.locator("main li").allInnerTexts();
  return all.filter((text) => text.split("\n")[0].includes(TAIL));
}

/** The messages that say a thing, once there are any: the outbox is emptied at intervals. */
async function arrived(someone, words) {
  for (let tries = 0; tries < 30; tries++) {
    const found = (await texts(someone)).filter((text) => text.includes(words));
    if (found.length) return found;
    await someone.page.waitForTimeout(1000);
  }
  return [];
}

/** Publishes a decision of the village by the posts that have to; its id. */
async function publish(words) {
  const clerk = await enter(browser, PHONE, "村文书");
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  await clerk.go("/desk/intake/village_disclosure");
  await fill(clerk.page.locator("form:has([name=words])").first(), { category: "village.decision", place: 1, event_on: today, words });
  const id = await takeIn(clerk, "", {});
  await move(clerk, id, "submit");
  const supervisor = await enter(browser, PHONE, "村监委主任");
  await move(supervisor, id, "check", { opinion: "会议记录和签到看过。" });
  await supervisor.leave();
  await move(clerk, id, "publish");
  await clerk.leave();
  return id;
}

describe("a village's disclosures by text message", () => {
  it("begin with a code, bring one message for each, and stop by its link", async () => {
    const villager = await Someone.come(browser, PHONE, { javaScriptEnabled: false });
    await villager.go(`/v/${village}/open`);
    await villager.tapOn('a[href$="/subscribe"]');
    await villager.shot("subscribe");
    // A number that can get no message is told beside its field, and stays there to be mended.
    await villager.type("#phone", "12345");
    await villager.tapOn("button[value=start]");
    assert.ok(await villager.has(".field-error"));
    assert.equal(await villager.page.locator("#phone").inputValue(), "12345");
    await villager.type("#phone", NUMBER);
    await villager.tapOn("button[value=start]");
    await villager.shot("subscribe-code");
    assert.ok(!(await villager.text("main")).includes(NUMBER), "the number is masked");

    const phone = await Someone.come(browser, PHONE);
    const [first] = await texts(phone);
    const code = first?.match(/\d{6}/)?.[0];
    assert.ok(code, `no code in ${first}`);
    await villager.type("#code", code === "000000" ? "111111" : "000000");
    await villager.tapOn("form button[type=submit]");
    assert.ok(await villager.has(".field-error"), "a wrong code is told beside its field");
    await villager.type("#code", code);
    await villager.tapOn("form button[type=submit]");
    assert.ok(await villager.has(".notice-good"), await villager.text("main"));
    await villager.shot("subscribe-done");

    const words = `代表会同意修补东头渠口，第${TAIL}次会`;
    const id = await publish(words);
    const told = await arrived(phone, `/open/${id}`);
    assert.equal(told.length, 1, "one message for one publication");
    assert.ok(!told[0].includes("修补东头渠口"), "a message never says what is in it");
    await phone.shot("subscribe-texts");
    const links = told[0].match(/\/(?:v|s)\/[^\s，。；]+/g);
    await villager.go(links.find((link) => link.startsWith("/v/")));
    assert.ok((await villager.text("main")).includes("修补东头渠口"), "the message leads to the item");

    await villager.go(links.find((link) => link.startsWith("/s/")));
    assert.ok(!(await villager.text("main")).includes(TAIL), "the link's page says nothing of the number");
    await villager.tapOn("form button[type=submit]");
    assert.ok(await villager.has(".notice-good"));
    const before = (await texts(phone)).length;
    await publish(`代表会议定冬季值班，第${TAIL}次会后`);
    // Longer than the outbox waits between two looks.
    await phone.page.waitForTimeout(17_000);
    assert.equal((await texts(phone)).length, before, "whoever stopped is told no more");
    await phone.leave();
    await villager.leave();
  });
});
