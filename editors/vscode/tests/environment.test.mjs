// The environment of its own: made for real, from a small wheel. Bundled by esbuild, as in lookup.test.mjs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const scratch = mkdtempSync(path.join(tmpdir(), "grammared-"));
const out = path.join(scratch, "environment.mjs");
await build({ entryPoints: [new URL("../src/environment.ts", import.meta.url).pathname], outfile: out, bundle: true, format: "esm", platform: "node" });
const { createEnvironment, what } = await import(pathToFileURL(out).href);

const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + "/grammared-9.9.9-py3-none-any.whl", "w") as wheel:
    wheel.writestr("tiny.py", "def main(): print('grammared, version 9.9.9')")
    info = "grammared-9.9.9.dist-info/"
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: grammared\\nVersion: 9.9.9\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "entry_points.txt", "[console_scripts]\\ngrammared = tiny:main\\n")
    wheel.writestr(info + "RECORD", "")
`;

function plan(signal = new AbortController().signal) {
  const steps = [];
  const folder = path.join(mkdtempSync(path.join(scratch, "own-")), "environment");
  const wheels = path.join(scratch, "wheels");
  mkdirSync(wheels, { recursive: true });
  return { folder, wheels, minimum: "0.1.0", signal, report: (step) => steps.push(step), steps };
}

test("a server is installed from the wheel that the extension carries", async () => {
  const one = plan();
  execFileSync("python3", ["-c", WHEEL, one.wheels]);
  const program = await createEnvironment(one);
  assert.match(execFileSync(program, ["--version"], { encoding: "utf-8" }), /9\.9\.9/);
  assert.equal(one.steps.length, 3);
});

test("what is cancelled leaves nothing", async () => {
  const abort = new AbortController();
  const one = plan(abort.signal);
  const report = (step) => step.startsWith("installing") && abort.abort();
  await assert.rejects(createEnvironment({ ...one, report }), { name: "AbortError" });
  assert.equal(existsSync(one.folder), false);
});

test("why it could not be made is one line", async () => {
  const one = plan();
  const wheels = mkdtempSync(path.join(scratch, "broken-"));
  execFileSync("python3", ["-c", "import sys; open(sys.argv[1] + '/grammared-1.0-py3-none-any.whl', 'w')", wheels]);
  await assert.rejects(createEnvironment({ ...one, wheels }), ({ message }) => !message.includes("\n") && message.length > 10);
  assert.equal(existsSync(one.folder), false);
});

test("without a wheel, the package of that name is installed", () => {
  assert.deepEqual(what({ wheels: path.join(scratch, "missing"), minimum: "0.1.0" }), ["grammared>=0.1.0"]);
});
