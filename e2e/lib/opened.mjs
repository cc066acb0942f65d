// One browser, and the village of the villager's demo card, for a whole test file: opened before its first test and closed after
// its last. Both names are set once the first hook has run.
import { after, before } from "node:test";
import { villageOfTheCard } from "./county.mjs";
import { openBrowser } from "./page.mjs";

export let browser;
export let village;

before(async () => {
  browser = await openBrowser();
  village = await villageOfTheCard();
});
after(() => browser?.close());
