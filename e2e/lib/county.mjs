// What the demo's county is called and where its stories lie, read from its own pages, so that the tests hold for
// any pack.
import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { URL_OF } from "./page.mjs";

/** Code of the village whose wall code the villager's card opens. */
export async function villageOfTheCard() {
  const page = await (await fetch(`${URL_OF}/demo`)).text();
  const card = page.match(/demo-card-villager"><a class="demo-face" href="([^"]+)"/);
  assert.ok(card, "the villager's card is missing");
  const code = card[1].match(/\d{12}/);
  assert.ok(code, `no village in ${card[1]}`);
  return code[0];
}

/** A picture of 640 by 480 in a few colours, as a PNG: what a phone's album might give. */
export function photo() {
  const [width, height] = [640, 480];
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set([x % 256, y % 256, (x + y) % 256], y * (width * 3 + 1) + 1 + x * 3);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const part = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const sign = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const buffer = Buffer.concat([sign, part("IHDR", head), part("IDAT", deflateSync(rows)), part("IEND", Buffer.alloc(0))]);
  return { name: "photo.png", mimeType: "image/png", buffer };
}

/** Opens the county's table of this year at one kind of matter, by the tab's name. */
export async function tableOf(leader, kind) {
  await leader.go("/hub?period=year");
  await leader.tapOn(leader.page.locator(".hub-table .switch a", { hasText: kind }));
}
