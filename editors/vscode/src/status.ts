/** The item in the status bar: which engine, what it does, how much was found in the present document. */

import * as vscode from "vscode";

/** What the server says in `grammared/status`; `missing` is our own. */
export interface ServerStatus {
  state: "loading" | "ready" | "checking" | "paused" | "failed" | "missing";
  engine?: string;
  model?: string;
  degraded?: boolean;
  findings?: { uri: string; count: number }[];
  failure?: string | null;
}

const ICONS: Record<ServerStatus["state"], string> = {
  loading: "$(loading~spin)",
  ready: "$(check)",
  checking: "$(sync~spin)",
  paused: "$(debug-pause)",
  failed: "$(error)",
  missing: "$(error)",
};

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("grammared", vscode.StatusBarAlignment.Right, 100);
  private readonly listener = vscode.window.onDidChangeActiveTextEditor(() => this.render());
  private status: ServerStatus = { state: "loading" };

  constructor() {
    this.item.name = "Grammared";
    this.item.command = "grammared.menu";
    this.render();
    this.item.show();
  }

  /** One line that says how things are. */
  get summary(): string {
    const { state, engine, model, degraded, failure } = this.status;
    if (state === "missing") {
      return failure ?? "The server was not found.";
    }
    const what = [engine, model].filter(Boolean).join(", ");
    return failure ? `${state}: ${failure}` : `${state}${what ? ` (${what})` : ""}${degraded ? ", instead of Triton" : ""}`;
  }

  show(status: ServerStatus): void {
    this.status = status;
    this.render();
  }

  dispose(): void {
    this.listener.dispose();
    this.item.dispose();
  }

  private render(): void {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    const count = this.status.findings?.find((one) => one.uri === uri)?.count;
    this.item.text = `${ICONS[this.status.state]} Grammared${count ? ` ${count}` : ""}`;
    this.item.tooltip = this.summary;
    const isBad = this.status.state === "failed" || this.status.state === "missing";
    this.item.backgroundColor = isBad ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
  }
}
