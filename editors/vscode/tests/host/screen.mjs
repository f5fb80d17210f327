// Through the screen, as a person: squiggles, the Problems panel, the side view, hover, Ctrl+., save.
// `npm run pictures` keeps what it sees for the README and the walkthrough; elsewise the pictures go to dist/.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { CodeServer, pathWithoutServer, serverOnPath } from "./code-server.mjs";
import { LETTER, NOTES, TOOL } from "./texts.mjs";

const EXTENSION = fileURLToPath(new URL("../../", import.meta.url));
const IMAGES = path.join(EXTENSION, process.env.GRAMMARED_PICTURES ? "images" : "dist/pictures");
const VSIX = path.join(EXTENSION, "dist/grammared.vsix");
const SETTINGS = {
  "workbench.colorTheme": "Default Light Modern",
  "editor.fontSize": 15,
  "editor.wordWrap": "on",
  "editor.minimap.enabled": false,
  "editor.lineHeight": 1.6,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};
const RIGHT = NOTES.replace("an second", "a second").replace("He walk ", "He walks ");
const RESTRICTED = { searchPath: pathWithoutServer(), restricted: true };
const PATIENCE = { timeout: 180_000 };
const PATIENCE_AT_START = { timeout: 300_000 }; // all of the workbench is loaded

export async function testOnScreen() {
  return (await seen("through the screen", write)) && (await seen("without a server, and without trust", setUp, RESTRICTED));
}

async function seen(what, steps, more = {}) {
  mkdirSync(IMAGES, { recursive: true });
  const files = { "notes.md": NOTES, "letter.md": LETTER, "tool.py": TOOL };
  const server = await CodeServer.start({ files, settings: SETTINGS, install: VSIX, ...more });
  let isGood = false;
  try {
    const page = await server.open();
    try {
      await steps(page, server);
      isGood = true;
      console.log(`ok    ${what}`);
    } finally {
      if (!isGood) {
        await page.screenshot({ path: path.join(server.folder, "failed.png") });
      }
    }
  } finally {
    await server.stop({ keep: !isGood });
  }
  return isGood;
}

/** How long it takes to the first squiggle: only that, for benchmarks/editors.py. */
export async function measureSquiggle() {
  return seen("first squiggle", firstSquiggle);
}

/** Open a file as soon as the extension is there, which starts the server, and print how long it takes. */
async function firstSquiggle(page) {
  await page.locator(".monaco-workbench .statusbar").waitFor(PATIENCE_AT_START);
  await page.getByText("Grammared", { exact: false }).first().waitFor(PATIENCE_AT_START);
  const began = Date.now();
  await openFile(page, "notes.md");
  await page.locator(".squiggly-warning").first().waitFor(PATIENCE);
  console.log(`      first squiggle on the screen: ${Date.now() - began} ms`);
}

async function write(page, server) {
  await firstSquiggle(page);
  await chooseEngine(page, server);

  await page.keyboard.press("Control+Shift+M");
  const problems = page.locator(".markers-panel .monaco-list-row");
  await problems.filter({ hasText: "subject-verb-agreement" }).first().waitFor(PATIENCE);
  await picture(page, "problems");
  await page.keyboard.press("Control+Shift+M");
  await page.locator(".markers-panel").waitFor({ state: "hidden" });

  await page.locator(".activitybar .action-label[aria-label^='Grammared']").click();
  const finding = page.locator(".pane-body .monaco-list-row", { hasText: "“walk”" });
  await finding.hover();
  await finding.locator(".action-label[aria-label^='Fix']").waitFor(PATIENCE);
  await picture(page, "findings", 150); // before the tip comes
  const article = page.locator(".pane-body .monaco-list-row", { hasText: "“an”" });
  await article.hover();
  await article.locator(".action-label[aria-label^='Fix']").click();
  await page.locator(".view-line", { hasText: "to a second server" }).waitFor(PATIENCE);
  await page.keyboard.press("Control+Shift+E");

  await page.locator(".editor-instance .view-line").first().click();
  await goTo(page, 5, 4);
  await page.keyboard.press("Control+K");
  await page.keyboard.press("Control+I"); // shows the hover at the cursor
  await page.locator(".monaco-hover-content", { hasText: "agreement" }).first().waitFor(PATIENCE);
  await picture(page, "hover");
  await page.keyboard.press("Escape");

  await page.keyboard.press("Control+Period");
  await page.locator(".action-widget .monaco-list-row").first().waitFor(PATIENCE);
  await picture(page, "fixes");
  await page.keyboard.press("Enter");
  await page.locator(".view-line", { hasText: "He walks" }).waitFor(PATIENCE);
  await page.keyboard.press("Control+S");
  await until(() => readFileSync(server.file("notes.md"), "utf-8") === RIGHT);

  await command(page, "Preferences: Open Settings (UI)");
  await page.locator(".settings-editor").waitFor(PATIENCE);
  await page.keyboard.type("@ext:grammared.grammared");
  await page.locator(".setting-item-contents", { hasText: "Dialect" }).first().waitFor(PATIENCE);
  await page.locator(".settings-toc-entry").first().click();
  await picture(page, "settings");
  await page.keyboard.press("Control+W");

  await command(page, "Welcome: Open Walkthrough");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Grammared" }).first().click();
  await page.locator(".getting-started-step", { hasText: "Put it right" }).click();
  await page.keyboard.press("Control+B"); // pictures are only shown where there is room
  await page.locator(".getting-started-media img").waitFor(PATIENCE);
  await picture(page, "walkthrough");
}

/** From the menu in the status bar, whose item says how things are. */
async function chooseEngine(page, server) {
  const item = (said) => page.locator(`.statusbar [aria-label*="Grammared 3"][aria-label*="${said}"]`).first(); // 3 findings
  const row = (text) => page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
  const choices = [
    ["triton", "A Triton Inference Server", "instead of Triton"], // there is none
    ["local", "In the server's own process", "ready (local,"],
  ];
  await item("ready").waitFor(PATIENCE);
  for (const [engine, choice, said] of choices) {
    await item("Grammared").click();
    await row("Choose the engine").click();
    await row(choice).click();
    await until(() => settingsOf(server).some((one) => one["grammared.engine"] === engine));
    await item(said).waitFor(PATIENCE);
  }
}

/** The user's settings, on this side of the connection and on the other. */
function settingsOf(server) {
  const files = ["User", "Machine"].map((name) => path.join(server.folder, "user-data", name, "settings.json"));
  return files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, "utf-8")));
}

/** With no server, one is offered; what is cancelled leaves nothing. One in the workspace runs when that is trusted. */
async function setUp(page, server) {
  const message = (text) => page.locator(".notification-list-item", { hasText: text });
  await message("was not found").waitFor(PATIENCE_AT_START);
  await picture(page, "missing");
  await message("was not found").getByRole("button", { name: "Set it up" }).click();
  const environment = path.join(server.folder, "user-data/User/globalStorage/grammared.grammared/environment");
  await until(() => existsSync(path.join(environment, "bin/pip")), 180_000);
  await message("Setting up Grammared").getByRole("button", { name: "Cancel" }).click();
  await until(() => !existsSync(environment));

  const [own, ran] = [server.file(".venv/bin/grammared"), path.join(server.folder, "ran")];
  mkdirSync(path.dirname(own), { recursive: true });
  writeFileSync(own, `#!/bin/sh\ntouch "${ran}"\nexec "${serverOnPath()}" "$@"\n`, { mode: 0o755 });
  await command(page, "Grammared: Start or Restart the Server");
  await message("was not found").last().waitFor(PATIENCE);
  await openFile(page, "notes.md");
  assert.ok(!existsSync(ran), "what lies in an untrusted workspace was run");
  await command(page, "Workspaces: Manage Workspace Trust");
  await picture(page, "trust");
  await page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).first().click();
  await openFile(page, "notes.md");
  await page.locator(".squiggly-warning").first().waitFor(PATIENCE);
  assert.ok(existsSync(ran));
}

async function openFile(page, name) {
  await page.keyboard.press("Control+P");
  await page.locator(".quick-input-widget input").first().fill(name);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor(PATIENCE);
  await page.keyboard.press("Enter");
  await page.locator(".editor-instance .view-line").first().waitFor(PATIENCE);
}

async function command(page, title) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").first().fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor(PATIENCE);
  await page.keyboard.press("Enter");
}

async function goTo(page, line, column) {
  await page.keyboard.press("Control+G");
  await page.locator(".quick-input-widget input").first().fill(`:${line}:${column}`);
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" }); // or it takes the next key
}

async function picture(page, name, wait = 700) {
  await page.waitForTimeout(wait); // for fades and spinners
  await page.screenshot({ path: path.join(IMAGES, `${name}.png`) });
}

async function until(isSo, patience = 180_000) {
  const limit = Date.now() + patience;
  while (!isSo()) {
    assert.ok(Date.now() < limit, "the files on disk are not what they should be");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
