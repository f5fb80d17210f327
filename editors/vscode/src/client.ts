/** The server's process and the connection to it: found, started, started again, and stopped. */

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
} from "vscode-languageclient/node";
import { type Found, HOME, firstFitting, whyNone } from "./lookup";
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
  private starting: Promise<void> | undefined;
  private readonly closed: number[] = [];

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: StatusItem,
  ) {}

  /** Find and start the server; who asks twice waits for the same start. */
  start(): Promise<void> {
    this.starting ??= this.startOnce().finally(() => (this.starting = undefined));
    return this.starting;
  }

  private async startOnce(): Promise<void> {
    this.status.show({ state: "loading" });
    const found = await this.find();
    if (!found) {
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
      this.client = undefined; // so that trust or another command tries again
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.stop().catch((error: unknown) => this.log.warn(`stopping: ${String(error)}`));
  }

  async restart(): Promise<void> {
    this.closed.length = 0;
    await this.starting;
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

  private async find(): Promise<Found | undefined> {
    const configured = vscode.workspace.getConfiguration("grammared").get<string[]>("server.command", []);
    const lookup = {
      configured,
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      isTrusted: vscode.workspace.isTrusted,
      searchPath: process.env["PATH"] ?? "",
      platform: process.platform,
    };
    const { found, unfit } = await firstFitting(lookup, MINIMUM);
    for (const { found: one, version } of unfit) {
      const why = version === undefined ? "cannot be run" : `is version ${version}, ${MINIMUM} is needed`;
      this.log.warn(`${[one.command, ...one.args].join(" ")} (found by ${one.from}) ${why}`);
    }
    if (!found) {
      const why = whyNone(unfit, MINIMUM);
      this.log.warn(why);
      this.status.show({ state: "missing", failure: why });
      void this.tell(why); // nobody waits for who does not answer
    }
    return found;
  }

  private async tell(why: string): Promise<void> {
    const picked = await vscode.window.showErrorMessage(why, "Try again", "How to install", "Show log");
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
      // The server asks again when it is told that something has changed.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
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
