/** The extension's two ends: what VS Code calls when it starts and stops it. */

import * as vscode from "vscode";
import { ServerClient } from "./client";
import { FindingsView } from "./findings";
import { chooseEngine, showMenu } from "./menu";
import { StatusItem } from "./status";
import { LintTasks } from "./tasks";

let client: ServerClient | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Grammared", { log: true });
  const status = new StatusItem();
  client = new ServerClient(context, log, status);
  context.subscriptions.push(log, status, ...registerCommands(client, status, log));
  context.subscriptions.push(
    new FindingsView(client),
    vscode.tasks.registerTaskProvider(LintTasks.type, new LintTasks(client)),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("grammared.server")) {
        await client?.restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(async () => client?.startIfStopped()),
  );
  void client.start(); // looking for the server may take a while: nothing waits for it
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function registerCommands(
  server: ServerClient,
  status: StatusItem,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const uri = () => vscode.window.activeTextEditor?.document.uri.toString();
  const commands: Record<string, () => unknown> = {
    "grammared.startServer": () => server.restart(),
    "grammared.setUpServer": () => server.setUp(),
    "grammared.menu": () => showMenu(status.summary),
    "grammared.chooseEngine": chooseEngine,
    "grammared.openLog": () => log.show(),
    "grammared.pauseDocument": () => server.execute("grammared.pause", { uri: uri() }),
    "grammared.resumeDocument": () => server.execute("grammared.resume", { uri: uri() }),
    "grammared.pauseAll": () => server.execute("grammared.pause"),
    "grammared.resumeAll": () => server.execute("grammared.resume"),
    "grammared.checkThisDocument": () => server.execute("grammared.checkDocument", { uri: uri() }),
    "grammared.checkAllDocuments": () => server.execute("grammared.checkWorkspace"),
    "grammared.undoSilence": () => server.execute("grammared.undo"),
    "grammared.fixAll": () =>
      vscode.commands.executeCommand("editor.action.codeAction", {
        kind: "source.fixAll.grammared",
        apply: "first",
      }),
  };
  return Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run));
}
