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
const { places, fits, firstFitting, versionOf, whyNone } = await import(pathToFileURL(out).href);

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

test("a server is asked outside of the workspace", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "grammared-"));
  const command = path.join(folder, "grammared");
  writeFileSync(command, `#!/bin/sh\n[ "$PWD" = "${homedir()}" ] && echo "grammared, version 1.2.3"\n`);
  chmodSync(command, 0o755);
  const before = process.cwd();
  process.chdir(folder);
  try {
    assert.equal(await versionOf({ command, args: [], from: "test" }), "1.2.3");
  } finally {
    process.chdir(before);
  }
});

test("the first that fits is taken, and of the others it is known why not", async () => {
  const files = ["/ws/.venv/bin/grammared", "/opt/bin/grammared", "/usr/bin/uvx"];
  const versions = { "/ws/.venv/bin/grammared": undefined, "/opt/bin/grammared": "0.0.9", "/usr/bin/uvx": "0.1.0" };
  const asked = [];
  const ask = async ({ command }) => {
    asked.push(command);
    return versions[command];
  };
  const exists = (file) => files.includes(file);
  const { found, unfit } = await firstFitting(base, "0.1.0", ask, exists);
  assert.equal(found.command, "/usr/bin/uvx");
  assert.deepEqual(asked, files);
  assert.deepEqual(unfit.map((one) => one.version), [undefined, "0.0.9"]);
  assert.match(whyNone(unfit, "0.1.0"), /\/opt\/bin\/grammared is version 0\.0\.9, and this extension needs 0\.1\.0/);
  assert.match(whyNone(unfit.slice(0, 1), "0.1.0"), /cannot be run: \/ws\/\.venv/);
  assert.match(whyNone([], "0.1.0"), /was not found/);
});

test("a server that cannot be run, or says nothing of use, has no version", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "grammared-"));
  const silent = path.join(folder, "silent");
  writeFileSync(silent, "#!/bin/sh\necho hello\n");
  chmodSync(silent, 0o755);
  for (const command of [silent, path.join(folder, "missing"), "/bin/false"]) {
    assert.equal(await versionOf({ command, args: [], from: "test" }), undefined);
  }
});

test("versions", () => {
  assert.equal(fits("0.1.0", "0.1.0"), true);
  assert.equal(fits("0.10.0", "0.9.5"), true);
  assert.equal(fits("0.0.9", "0.1.0"), false);
});
