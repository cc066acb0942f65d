// One browser, and the village of the villager's demo card, for a whole test file: there before any of its hooks, and closed after
// its last test.
import { after } from "node:test";
import { villageOfTheCard } from "./county.mjs";
import { openBrowser } from "./page.mjs";

export const village = await villageOfTheCard();
export const browser = await openBrowser();

after(() => browser.close());
