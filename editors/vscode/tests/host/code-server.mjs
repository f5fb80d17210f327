// VS Code in a browser: code-server with a home, settings and a workspace of its own, and Chromium before it.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { installed } from "./install.mjs";

const QUIET = {
  "chat.disableAIFeatures": true,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "telemetry.telemetryLevel": "off",
  "window.commandCenter": false,
  "security.workspace.trust.startupPrompt": "never",
};
const BROWSER = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

const NO_GALLERY = '{"serviceUrl": "http://127.0.0.1:9"}'; // nothing outside this machine is asked

export class CodeServer {
  /** Start it; `files` are put into the workspace, `install` names a .vsix, `searchPath` is the PATH;
   *  `restricted` leaves the workspace untrusted. */
  static async start({ files, settings = {}, env = {}, install, options = [], searchPath = process.env.PATH, restricted = false }) {
    const server = new CodeServer();
    await server.prepare(files, settings, { ...env, PATH: searchPath });
    if (install) {
      await server.run(["--install-extension", install]);
    }
    await server.listen(restricted ? options : ["--disable-workspace-trust", ...options]);
    return server;
  }

  async prepare(files, settings, env) {
    this.programs = installed();
    this.folder = mkdtempSync(path.join(tmpdir(), "grammared-vscode-"));
    this.workspace = path.join(this.folder, "workspace");
    for (const name of ["workspace", "home", "user-data/User", "extensions", "grammared"]) {
      mkdirSync(path.join(this.folder, name), { recursive: true });
    }
    const user = path.join(this.folder, "user-data/User/settings.json");
    writeFileSync(user, JSON.stringify({ ...QUIET, ...settings }, null, 2));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(this.file(name)), { recursive: true });
      writeFileSync(this.file(name), text);
    }
    const home = path.join(this.folder, "home");
    const own = { HOME: home, XDG_CONFIG_HOME: "", XDG_DATA_HOME: "", GRAMMARED_HOME: path.join(this.folder, "grammared") };
    // VS Code takes the PATH from a login shell.
    writeFileSync(path.join(home, ".profile"), `export PATH="${env.PATH}"\n`);
    this.env = { ...process.env, SHELL: "/bin/bash", EXTENSIONS_GALLERY: NO_GALLERY, ...own, ...env };
    this.log = path.join(this.folder, "code-server.log");
  }

  file(name) {
    return path.join(this.workspace, name);
  }

  spawn(more) {
    const dirs = ["user-data", "extensions"].flatMap((name) => [`--${name}-dir`, path.join(this.folder, name)]);
    const config = ["--config", path.join(this.folder, "config.yaml")];
    const output = openSync(this.log, "a");
    return spawn(this.programs.node, [this.programs.script, ...dirs, ...config, ...more], {
      env: this.env,
      cwd: this.folder,
      stdio: ["ignore", output, output],
      detached: true, // a group of its own, so that all of it can be ended
    });
  }

  run(more) {
    return new Promise((resolve, reject) => {
      this.spawn(more).on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`see ${this.log}`))));
    });
  }

  async listen(options) {
    this.port = await freePort();
    this.process = this.spawn([
      ...["--bind-addr", `127.0.0.1:${this.port}`, "--auth", "none", "--disable-telemetry", "--disable-update-check"],
      ...["--disable-getting-started-override", "--reconnection-grace-time", "3"],
      ...options,
    ]);
    process.once("exit", () => this.end()); // also when the tests are interrupted
    for (let tries = 0; tries < 1200; tries++) {
      try {
        await fetch(`http://127.0.0.1:${this.port}/healthz`);
        return;
      } catch {
        await sleep(100);
      }
    }
    throw new Error(`code-server did not start: ${this.log}`);
  }

  /** A page of the workbench; `prepare` gets it before it is loaded. */
  async open({ payload, prepare } = {}) {
    this.browser ??= await chromium.launch({ executablePath: this.programs.browser, args: BROWSER });
    const page = await this.browser.newPage({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: 1.5 });
    page.setDefaultTimeout(180_000); // for a busy machine
    await prepare?.(page);
    const more = payload ? `&payload=${encodeURIComponent(JSON.stringify(payload))}` : "";
    const folder = encodeURIComponent(this.workspace);
    // What is looked for later is waited for then.
    await page.goto(`http://127.0.0.1:${this.port}/?folder=${folder}${more}`, { waitUntil: "commit", timeout: 180_000 });
    return page;
  }

  /** End it and all that it started; whether it ran. */
  end() {
    const isRunning = this.process?.exitCode === null && this.process.signalCode === null;
    if (isRunning) {
      process.kill(-this.process.pid, "SIGTERM");
    }
    return isRunning;
  }

  async stop({ keep = false } = {}) {
    await this.browser?.close();
    const ended = new Promise((resolve) => this.process?.once("exit", resolve));
    if (this.end()) {
      await Promise.race([ended, sleep(10_000)]);
    }
    if (keep) {
      console.log(`kept: ${this.folder}`);
    } else {
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => process.exit(1));
}

/** Where the PATH has the server. */
export function serverOnPath() {
  return process.env.PATH.split(":").map((folder) => path.join(folder, "grammared")).find((file) => existsSync(file));
}

/** The PATH without the folders where a server, or what fetches one, would be found. */
export function pathWithoutServer() {
  const isBare = (folder) => !["grammared", "uvx", "pipx"].some((name) => existsSync(path.join(folder, name)));
  return process.env.PATH.split(":").filter(isBare).join(":");
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
