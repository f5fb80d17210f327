// Through the screen, as a person: squiggles, the Problems panel, the side view, hover, Ctrl+., save.
// `npm run pictures` keeps what it sees for the README and the walkthrough; elsewise the pictures go to dist/.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { CodeServer, pathWithoutServer } from "./code-server.mjs";
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
const PATIENCE = { timeout: 60_000 };

export async function testOnScreen() {
  mkdirSync(IMAGES, { recursive: true });
  return (await seen("through the screen", write)) && (await seen("without a server", setUp, pathWithoutServer()));
}

async function seen(what, steps, searchPath) {
  const files = { "notes.md": NOTES, "letter.md": LETTER, "tool.py": TOOL };
  const server = await CodeServer.start({ files, settings: SETTINGS, install: VSIX, searchPath });
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

async function write(page, server) {
  await page.locator(".monaco-workbench .statusbar").waitFor(PATIENCE);
  await page.getByText("Grammared", { exact: false }).first().waitFor(PATIENCE);
  const began = Date.now();
  await openFile(page, "notes.md");
  await page.locator(".squiggly-warning").first().waitFor(PATIENCE);
  console.log(`      first squiggle on the screen: ${Date.now() - began} ms`);

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

/** With no server, one is offered; what is cancelled leaves nothing. */
async function setUp(page, server) {
  const message = (text) => page.locator(".notification-list-item", { hasText: text });
  await message("was not found").waitFor(PATIENCE);
  await picture(page, "missing");
  await message("was not found").getByRole("button", { name: "Set it up" }).click();
  const environment = path.join(server.folder, "user-data/User/globalStorage/grammared.grammared/environment");
  await until(() => existsSync(path.join(environment, "bin/pip")), 60_000);
  await message("Setting up Grammared").getByRole("button", { name: "Cancel" }).click();
  await until(() => !existsSync(environment));
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
}

async function picture(page, name, wait = 700) {
  await page.waitForTimeout(wait); // for fades and spinners
  await page.screenshot({ path: path.join(IMAGES, `${name}.png`) });
}

async function until(isSo, patience = 20_000) {
  const limit = Date.now() + patience;
  while (!isSo()) {
    assert.ok(Date.now() < limit, "the files on disk are not what they should be");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
