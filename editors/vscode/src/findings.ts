/** The side view: what was found, by kind, with “fix” and “ignore” beside each finding. */

import * as path from "node:path";
import * as vscode from "vscode";
import type { ServerClient } from "./client";

const VIEW = "grammared.findings";
const WAIT_MS = 100; // diagnostics come in bursts
const PATIENCE_MS = 10_000;

interface Kind {
  code: string;
  findings: Finding[];
}

interface Finding {
  uri: vscode.Uri;
  diagnostic: vscode.Diagnostic;
}

type Entry = Kind | Finding;

export class FindingsView implements vscode.TreeDataProvider<Entry>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly parts: { dispose(): unknown }[];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly server: ServerClient) {
    this.parts = [
      this.changed,
      vscode.window.registerTreeDataProvider(VIEW, this),
      vscode.languages.onDidChangeDiagnostics(() => this.changeSoon()),
      vscode.commands.registerCommand("grammared.fixFinding", (one: Finding) => this.fix(one)),
      vscode.commands.registerCommand("grammared.ignoreFinding", (one: Finding) => this.ignore(one)),
      vscode.commands.registerCommand("grammared.switchKindOff", ({ code }: Kind) =>
        this.server.execute("grammared.setKind", { kind: code, level: "off", scope: "user" }),
      ),
    ];
  }

  getChildren(entry?: Entry): Entry[] {
    if (!entry) {
      return kinds();
    }
    return "findings" in entry ? entry.findings : [];
  }

  getTreeItem(entry: Entry): vscode.TreeItem {
    return "findings" in entry ? kindItem(entry) : findingItem(entry);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.parts.forEach((part) => part.dispose());
  }

  private changeSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire(undefined);
    }, WAIT_MS);
  }

  private async fix(finding: Finding): Promise<void> {
    await this.choose(finding, (action) => action.isPreferred === true);
  }

  private async ignore(finding: Finding): Promise<void> {
    await this.choose(finding, (action) => action.command?.command === "grammared.ignore");
  }

  /** Do the first thing of a finding's menu that is meant. */
  private async choose(finding: Finding, isMeant: (action: vscode.CodeAction) => boolean): Promise<void> {
    const { uri, diagnostic } = finding;
    const isOpen = vscode.workspace.textDocuments.some((one) => one.uri.toString() === uri.toString());
    await vscode.window.showTextDocument(uri, { selection: diagnostic.range, preserveFocus: true });
    const patience = Date.now() + (isOpen ? 0 : PATIENCE_MS); // what was not open is checked first
    let action = await this.server.quickFix(uri, diagnostic, isMeant);
    while (!action && Date.now() < patience) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
      action = await this.server.quickFix(uri, diagnostic, isMeant);
    }
    if (!action) {
      void vscode.window.showInformationMessage("Grammared has nothing to offer here; the text may have changed.");
      return;
    }
    if (action.edit) {
      await vscode.workspace.applyEdit(action.edit);
    }
    if (action.command) {
      await vscode.commands.executeCommand(
        action.command.command,
        ...((action.command.arguments ?? []) as unknown[]),
      );
    }
  }
}

/** All that was found, the most frequent kind first. */
function kinds(): Kind[] {
  const byCode = new Map<string, Finding[]>();
  for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) {
    for (const diagnostic of diagnostics.filter((one) => one.source === "grammared")) {
      const code = codeOf(diagnostic);
      byCode.set(code, [...(byCode.get(code) ?? []), { uri, diagnostic }]);
    }
  }
  return [...byCode]
    .map(([code, findings]) => ({ code, findings }))
    .sort((a, b) => b.findings.length - a.findings.length || a.code.localeCompare(b.code));
}

function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === "object" ? code.value : (code ?? "other"));
}

function kindItem({ code, findings }: Kind): vscode.TreeItem {
  const item = new vscode.TreeItem(code.replaceAll("-", " "), vscode.TreeItemCollapsibleState.Expanded);
  item.id = code;
  item.description = String(findings.length);
  item.contextValue = "kind";
  return item;
}

function findingItem({ uri, diagnostic }: Finding): vscode.TreeItem {
  const { range, message } = diagnostic;
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  const words = document?.getText(range).trim();
  const item = new vscode.TreeItem(words ? `“${words}”` : message);
  item.description = `${words ? `${message} · ` : ""}${path.posix.basename(uri.path)}:${range.start.line + 1}`;
  item.tooltip = message;
  item.contextValue = "finding";
  item.iconPath = new vscode.ThemeIcon(ICONS[diagnostic.severity]);
  item.command = { command: "vscode.open", title: "Show", arguments: [uri, { selection: range }] };
  return item;
}

const ICONS: Record<vscode.DiagnosticSeverity, string> = {
  [vscode.DiagnosticSeverity.Error]: "error",
  [vscode.DiagnosticSeverity.Warning]: "warning",
  [vscode.DiagnosticSeverity.Information]: "info",
  [vscode.DiagnosticSeverity.Hint]: "lightbulb",
};
