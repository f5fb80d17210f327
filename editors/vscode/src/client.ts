/** The server's process and the connection to it: found, started, started again, and stopped. */

import * as path from "node:path";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
} from "vscode-languageclient/node";
import { createEnvironment } from "./environment";
import { type Found, HOME, firstFitting, whyNone } from "./lookup";
import { LANGUAGES } from "./languages";
import { chosenSettings } from "./settings";
import type { ServerStatus, StatusItem } from "./status";

const MINIMUM = "0.1.0";
/** Scheme of the box for commit messages. */
const BOX = "vscode-scm";
const SCHEMES = ["file", "untitled", "vscode-notebook-cell", BOX];
const RESTARTS = 4;
/** A server that lived so long did not end for what ended the one before. */
const LONG_LIFE_MS = 3 * 60_000;
const HELP = "https://github.com/grammared/grammared#readme";

export class ServerClient {
  /** The server that was started last. */
  found: Found | undefined;
  private client: LanguageClient | undefined;
  private starting: Promise<void> | undefined;
  private deaths = 0;
  private startedAgain = 0;

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
    this.found = found;
    this.log.info(`starting ${[found.command, ...found.args].join(" ")}, found by ${found.from}`);
    this.status.show({ state: "loading" });
    this.client = new LanguageClient("grammared", "Grammared", serverOptions(found), this.clientOptions());
    countBoxesAsVisible(this.client);
    this.client.onNotification("grammared/status", (said: ServerStatus) => this.status.show(said));
    this.context.subscriptions.push(this.client);
    try {
      await this.client.start();
      await vscode.commands.executeCommand("setContext", "grammared.started", true); // for the walkthrough
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
    this.deaths = 0;
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

  /** The first of a finding's quick fixes that is meant, ready to be applied. */
  async quickFix(
    uri: vscode.Uri,
    finding: vscode.Diagnostic,
    isMeant: (action: vscode.CodeAction) => boolean,
  ): Promise<vscode.CodeAction | undefined> {
    const document = await vscode.workspace.openTextDocument(uri);
    const provider = this.client?.getFeature("textDocument/codeAction").getProvider(document);
    const context = {
      diagnostics: [finding],
      only: vscode.CodeActionKind.QuickFix,
      triggerKind: vscode.CodeActionTriggerKind.Invoke,
    };
    const { token } = new vscode.CancellationTokenSource();
    const offered = await provider?.provideCodeActions(document, finding.range, context, token);
    const action = offered?.find((one): one is vscode.CodeAction => "kind" in one && isMeant(one));
    const isWhole = !action || action.edit !== undefined || action.command !== undefined;
    return isWhole ? action : ((await provider?.resolveCodeAction?.(action, token)) ?? action);
  }

  /** Make a Python environment with the server, which the user has asked for, and start that. */
  async setUp(): Promise<void> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: "Setting up Grammared's server",
      cancellable: true,
    };
    const isDone = await vscode.window.withProgress(options, async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      const report = (message: string): void => {
        this.log.info(message);
        progress.report({ message });
      };
      try {
        await createEnvironment({
          folder: this.ownEnvironment,
          wheels: path.join(this.context.extensionPath, "wheels"),
          minimum: MINIMUM,
          signal: abort.signal,
          report,
        });
        return true;
      } catch (error) {
        if (!abort.signal.aborted) {
          const why = `Grammared's server could not be set up: ${(error as Error).message}`;
          this.log.error(why);
          void vscode.window.showErrorMessage(why);
        }
        return false;
      }
    });
    if (isDone) {
      await this.restart();
    }
  }

  private get ownEnvironment(): string {
    return path.join(this.context.globalStorageUri.fsPath, "environment");
  }

  private async find(): Promise<Found | undefined> {
    const configured = vscode.workspace.getConfiguration("grammared").get<string[]>("server.command", []);
    const lookup = {
      configured,
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      isTrusted: vscode.workspace.isTrusted,
      searchPath: process.env["PATH"] ?? "",
      platform: process.platform,
      own: this.ownEnvironment,
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
    const picked = await vscode.window.showErrorMessage(why, "Set it up", "Try again", "How to install", "Show log");
    if (picked === "Set it up") {
      await this.setUp();
    } else if (picked === "Try again") {
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
    this.deaths = now - this.startedAgain > LONG_LIFE_MS ? 1 : this.deaths + 1;
    this.startedAgain = now;
    if (this.deaths <= RESTARTS) {
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

/** Messages are asked for what is in a tab or an editor; the box for commit messages is in neither. */
function countBoxesAsVisible({ visibleDocuments }: LanguageClient): void {
  const isVisible = visibleDocuments.isVisible.bind(visibleDocuments);
  visibleDocuments.isVisible = (one) => ("uri" in one ? one.uri : one).scheme === BOX || isVisible(one);
}

function serverOptions(found: Found): ServerOptions {
  return { command: found.command, args: [...found.args, "serve"], options: { cwd: HOME } };
}
