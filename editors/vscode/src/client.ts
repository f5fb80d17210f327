/** The server's process and the connection to it: found, started, started again, and stopped. */

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
} from "vscode-languageclient/node";
import { type Found, HOME, fits, places, versionOf } from "./lookup";
import { LANGUAGES } from "./languages";
import { chosenSettings } from "./settings";
import type { ServerStatus, StatusItem } from "./status";

const MINIMUM = "0.1.0";
const SCHEMES = ["file", "untitled", "vscode-notebook-cell", "vscode-scm"];
const RESTARTS = 4;
const WITHIN_MS = 3 * 60_000;
const HELP = "https://github.com/grammared/grammared#readme";

export class ServerClient {
  private client: LanguageClient | undefined;
  private readonly closed: number[] = [];

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: StatusItem,
  ) {}

  async start(): Promise<void> {
    const found = this.find();
    if (!found) {
      this.status.show({ state: "missing" });
      await this.tellMissing();
      return;
    }
    this.log.info(`starting ${[found.command, ...found.args].join(" ")}, found by ${found.from}`);
    this.status.show({ state: "loading" });
    this.client = new LanguageClient("grammared", "Grammared", serverOptions(found), this.clientOptions());
    this.client.onNotification("grammared/status", (said: ServerStatus) => this.status.show(said));
    this.context.subscriptions.push(this.client);
    try {
      await this.client.start();
    } catch (error) {
      this.log.error(`the server did not start: ${String(error)}`);
      this.status.show({ state: "failed", failure: String(error) });
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.stop().catch((error: unknown) => this.log.warn(`stopping: ${String(error)}`));
  }

  async restart(): Promise<void> {
    this.closed.length = 0;
    await this.stop();
    await this.start();
  }

  async startIfStopped(): Promise<void> {
    if (!this.client) {
      await this.start();
    }
  }

  /** Run one of the server's commands. */
  async execute(command: string, argument?: unknown): Promise<unknown> {
    if (!this.client?.isRunning()) {
      void vscode.window.showInformationMessage("Grammared is not running.");
      return undefined;
    }
    const params = { command, arguments: argument === undefined ? [] : [argument] };
    return this.client.sendRequest("workspace/executeCommand", params);
  }

  private find(): Found | undefined {
    const configured = vscode.workspace.getConfiguration("grammared").get<string[]>("server.command", []);
    const lookup = {
      configured,
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      isTrusted: vscode.workspace.isTrusted,
      searchPath: process.env["PATH"] ?? "",
      platform: process.platform,
    };
    for (const found of places(lookup)) {
      const version = versionOf(found);
      if (version === undefined) {
        this.log.warn(`${found.command} (${found.from}) cannot be run`);
      } else if (!fits(version, MINIMUM)) {
        this.log.warn(`${found.command} is version ${version}; ${MINIMUM} or newer is needed`);
      } else {
        return found;
      }
    }
    return undefined;
  }

  private async tellMissing(): Promise<void> {
    const message =
      `Grammared's server was not found. Install it with "pipx install grammared" or "uv tool install ` +
      `grammared", or name its command in the setting grammared.server.command.`;
    const picked = await vscode.window.showErrorMessage(message, "Try again", "How to install", "Show log");
    if (picked === "Try again") {
      await this.restart();
    } else if (picked === "How to install") {
      await vscode.env.openExternal(vscode.Uri.parse(HELP));
    } else if (picked) {
      this.log.show();
    }
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: SCHEMES.flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
      outputChannel: this.log,
      initializationOptions: chosenSettings(this.context),
      synchronize: { configurationSection: "grammared" },
      middleware: {
        workspace: {
          configuration: (params) =>
            params.items.map((item) =>
              chosenSettings(this.context, item.scopeUri ? vscode.Uri.parse(item.scopeUri) : undefined),
            ),
        },
      },
      diagnosticPullOptions: { onChange: true, onSave: true },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => this.onClosed(),
      },
    };
  }

  /** The process is gone: start it again, unless it goes again and again. */
  private onClosed(): { action: CloseAction; message?: string } {
    const now = Date.now();
    this.closed.push(now);
    const recent = this.closed.filter((time) => time > now - WITHIN_MS);
    this.closed.splice(0, this.closed.length, ...recent);
    if (recent.length <= RESTARTS) {
      this.status.show({ state: "loading" });
      return { action: CloseAction.Restart, message: "Grammared's server ended and is started again." };
    }
    this.status.show({ state: "failed", failure: "the server ended again and again" });
    return {
      action: CloseAction.DoNotRestart,
      message: "Grammared's server ended again and again. Its log says why; the menu in the status bar restarts it.",
    };
  }
}

function serverOptions(found: Found): ServerOptions {
  return { command: found.command, args: [...found.args, "serve"], options: { cwd: HOME } };
}
