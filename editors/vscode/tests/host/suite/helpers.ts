/** What the tests need of VS Code and of the server's process. */

import { readdirSync, readFileSync } from "node:fs";
import * as vscode from "vscode";

const PATIENCE_MS = 180_000;

export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patience = PATIENCE_MS,
): Promise<T> {
  const limit = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (Date.now() > limit) {
      throw new Error(`waited in vain for ${what}`);
    }
    await pause(50);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function inWorkspace(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return vscode.Uri.joinPath(folder.uri, name);
}

/** Open a new file with this text. */
export async function open(name: string, text?: string): Promise<vscode.TextEditor> {
  const uri = inWorkspace(name);
  if (text !== undefined) {
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  }
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

export function findings(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter((one) => one.source === "grammared");
}

/** The words under Grammared's squiggles, in the order of the text. */
export function underlined(document: vscode.TextDocument): string[] {
  return findings(document)
    .sort((a, b) => a.range.start.compareTo(b.range.start))
    .map((one) => document.getText(one.range));
}

export async function untilUnderlined(document: vscode.TextDocument, ...words: string[]): Promise<void> {
  const wanted = words.join("|");
  try {
    await until("", () => underlined(document).join("|") === wanted);
  } catch {
    throw new Error(`under squiggles are ${JSON.stringify(underlined(document))}, not ${JSON.stringify(words)}`);
  }
}

export function placeOf(document: vscode.TextDocument, word: string): vscode.Range {
  const start = document.getText().indexOf(word);
  return new vscode.Range(document.positionAt(start), document.positionAt(start + word.length));
}

/** The menu of Ctrl+. at a word. */
export async function menu(document: vscode.TextDocument, word: string): Promise<vscode.CodeAction[]> {
  const range = placeOf(document, word);
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    range,
    undefined,
    100,
  );
}

/** Choose from the menu of Ctrl+. at a word what has this title. */
export async function choose(document: vscode.TextDocument, word: string, title: string): Promise<void> {
  const actions = await menu(document, word);
  const action = actions.find((one) => one.title === title);
  if (!action) {
    throw new Error(`the menu has no “${title}”, only: ${actions.map((one) => one.title).join("; ")}`);
  }
  if (action.edit) {
    await vscode.workspace.applyEdit(action.edit);
  }
  if (action.command) {
    await vscode.commands.executeCommand(action.command.command, ...((action.command.arguments ?? []) as unknown[]));
  }
}

/** The processes of our server: children of the extension host that serve. */
export function servers(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isServer(pid));
}

function isServer(pid: number): boolean {
  try {
    const parent = Number(readFileSync(`/proc/${pid}/stat`, "utf-8").replace(/^.*\) /s, "").split(" ")[1]);
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf-8");
    return parent === process.pid && command.includes("\0serve\0");
  } catch {
    return false; // it ended while we looked
  }
}
