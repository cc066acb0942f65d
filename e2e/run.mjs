// Starts one demo for all browser tests, runs them one file after another, and stops it again.
//   node run.mjs [files…]            a fresh demo in a temporary folder
//   XY_E2E_URL=http://… node run.mjs  a demo that runs already (its data are changed by the tests)
//   XY_E2E_DATA=DIR                   keep the data, so that the next run need not simulate again
//   XY_E2E_BIN=path                   another binary than target/debug/xiangyue
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { startDemo } from "./lib/demo.mjs";

const demo = process.env.XY_E2E_URL ? { url: process.env.XY_E2E_URL, stop: async () => {} } : await startDemo();
const named = process.argv.slice(2);
const all = readdirSync(`${import.meta.dirname}/tests`).filter((name) => name.endsWith(".test.mjs")).sort();
const files = named.length ? named : all.map((name) => `tests/${name}`);
const args = ["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-timeout=240000"];
const child = spawn(process.execPath, [...args, ...files], {
  cwd: import.meta.dirname,
  stdio: "inherit",
  env: { ...process.env, XY_E2E_URL: demo.url },
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", async (code) => {
  await demo.stop();
  process.exit(code ?? 1);
});
