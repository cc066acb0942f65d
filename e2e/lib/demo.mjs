// One demo of the built binary on a free port, in a folder of its own, until the county is simulated.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
/** The simulation of 29 months in a debug build on two cores that do nothing else. */
const READY_MS = 20 * 60_000;

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts a demo and waits until its county is there. */
export async function startDemo() {
  const bin = resolve(ROOT, process.env.XY_E2E_BIN ?? "target/debug/xiangyue");
  if (!existsSync(bin)) throw new Error(`${bin} is missing: run \`make e2e\`, or \`cargo build -p xiangyue-server\``);
  const kept = process.env.XY_E2E_DATA;
  const folder = kept ? resolve(kept) : mkdtempSync(join(tmpdir(), "xiangyue-e2e-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const data = join(folder, "demo");
  const server = spawn(bin, ["demo", "--data", data, "--listen", url.slice(7)], { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  let gone = false;
  server.stderr.on("data", (chunk) => { said = (said + chunk).slice(-4000); });
  server.on("exit", () => { gone = true; });
  const stop = async () => {
    server.kill("SIGTERM");
    for (let i = 0; i < 50 && !gone; i++) await pause(100);
    if (!gone) server.kill("SIGKILL");
    if (!kept) rmSync(folder, { recursive: true, force: true });
  };
  const began = Date.now();
  while (!(await isReady(url))) {
    if (gone || Date.now() - began > READY_MS) {
      await stop();
      throw new Error(`the demo did not come up: ${said || "no word from it"}`);
    }
    await pause(1000);
  }
  console.log(`demo at ${url} after ${Math.round((Date.now() - began) / 1000)} s`);
  return { url, stop };
}

async function isReady(url) {
  try {
    const page = await (await fetch(`${url}/demo`, { redirect: "manual" })).text();
    if (page.includes("notice-bad")) throw new Error(`the simulation failed:\n${page}`);
    return page.includes("demo-card");
  } catch (error) {
    if (String(error).includes("simulation failed")) throw error;
    return false;
  }
}
