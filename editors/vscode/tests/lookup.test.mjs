// Where the server is looked for. Bundled for the test by esbuild, so that no build is needed.
import assert from "node:assert/strict";
import test from "node:test";
import { build } from "esbuild";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

const out = path.join(mkdtempSync(path.join(tmpdir(), "grammared-")), "lookup.mjs");
await build({ entryPoints: [new URL("../src/lookup.ts", import.meta.url).pathname], outfile: out, format: "esm", platform: "node" });
const { places, fits, versionOf } = await import(pathToFileURL(out).href);

const base = { configured: [], folders: ["/ws"], isTrusted: true, searchPath: "/usr/bin:relative:/opt/bin", platform: "linux" };
const commands = (lookup, files) => [...places(lookup, (file) => files.includes(file))].map((found) => [found.command, ...found.args]);

test("the setting comes first and alone", () => {
  assert.deepEqual(commands({ ...base, configured: ["py", "-m", "x"] }, ["/usr/bin/grammared"]), [["py", "-m", "x"]]);
});

test("a trusted workspace's environment, the PATH, then runners", () => {
  const files = ["/ws/.venv/bin/grammared", "/opt/bin/grammared", "/usr/bin/uvx", "/usr/bin/pipx"];
  assert.deepEqual(commands(base, files), [
    ["/ws/.venv/bin/grammared"],
    ["/opt/bin/grammared"],
    ["/usr/bin/uvx", "grammared"],
    ["/usr/bin/pipx", "run", "--spec", "grammared", "grammared"],
  ]);
});

test("nothing of an untrusted workspace is run, nor a relative entry of the PATH", () => {
  assert.deepEqual(commands({ ...base, isTrusted: false }, ["/ws/.venv/bin/grammared", "relative/grammared"]), []);
});

test("on Windows programs have another ending", () => {
  const lookup = { ...base, folders: ["ws"], searchPath: "", platform: "win32" };
  const file = path.join("ws", ".venv", "Scripts", "grammared.exe");
  assert.deepEqual(commands(lookup, [file]), [[file]]);
});

test("a server is asked outside of the workspace", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "grammared-"));
  const command = path.join(folder, "grammared");
  writeFileSync(command, `#!/bin/sh\n[ "$PWD" = "${homedir()}" ] && echo "grammared, version 1.2.3"\n`);
  chmodSync(command, 0o755);
  const before = process.cwd();
  process.chdir(folder);
  try {
    assert.equal(versionOf({ command, args: [], from: "test" }), "1.2.3");
  } finally {
    process.chdir(before);
  }
});

test("versions", () => {
  assert.equal(fits("0.1.0", "0.1.0"), true);
  assert.equal(fits("0.10.0", "0.9.5"), true);
  assert.equal(fits("0.0.9", "0.1.0"), false);
});
