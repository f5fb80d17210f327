// Installs what the tests in the real extension host need: Node 24 and code-server, into .nox/vscode-host. Once.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const CODE_SERVER = "4.139.1";
const NODE = `node-${process.platform}-${process.arch}`;
const NODE_VERSION = "24"; // the one that this code-server runs on
const FOLDER = fileURLToPath(new URL("../../../../.nox/vscode-host", import.meta.url));
const MODULES = path.join(FOLDER, "node_modules");
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** What to run: Node 24, code-server's script, and a browser. */
export function installed() {
  const browser = process.env.GRAMMARED_TEST_BROWSER ?? BROWSERS.find((file) => existsSync(file));
  if (!browser) {
    throw new Error("The tests in VS Code need Chromium. On Debian or Ubuntu: apt install chromium");
  }
  install();
  return {
    node: path.join(MODULES, NODE, "bin/node"),
    script: path.join(MODULES, "code-server/out/node/entry.js"),
    browser,
  };
}

function install() {
  const done = path.join(FOLDER, `code-server-${CODE_SERVER}`);
  if (existsSync(done)) {
    return;
  }
  console.log(`installing code-server ${CODE_SERVER}`);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path.join(FOLDER, "package.json"), '{"private": true}\n');
  npmInstall(FOLDER, `${NODE}@${NODE_VERSION}`, `code-server@${CODE_SERVER}`);
  npmInstall(path.join(MODULES, "code-server/lib/vscode"));
  writeFileSync(done, "");
}

// No scripts: they build native modules, for minutes, with a compiler and the headers of Kerberos. Those that matter
// here, for terminals and for watching files, come built; without the others VS Code writes fewer logs.
function npmInstall(cwd, ...what) {
  // What an outer `npm run` says of itself is not true of this one.
  const outer = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith("npm_"));
  const options = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...options, ...what], {
    cwd,
    env: Object.fromEntries(outer),
    stdio: ["ignore", "ignore", "inherit"],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installed();
}
