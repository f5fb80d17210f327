/** The menu of the item in the status bar. */

import * as vscode from "vscode";

/** Offer what can be done; `summary` says how things are. */
export async function showMenu(summary: string): Promise<void> {
  const entries: [string, string][] = [
    ["$(debug-pause) Pause for this document", "grammared.pauseDocument"],
    ["$(debug-continue) Resume for this document", "grammared.resumeDocument"],
    ["$(debug-pause) Pause everywhere", "grammared.pauseAll"],
    ["$(debug-continue) Resume everywhere", "grammared.resumeAll"],
    ["$(check-all) Put right all that is sure in this document", "grammared.fixAll"],
    ["$(search) Check all files of the workspace", "grammared.checkAllDocuments"],
    ["$(server-process) Choose the engine", "grammared.chooseEngine"],
    ["$(debug-restart) Restart the server", "grammared.startServer"],
    ["$(output) Show the log", "grammared.openLog"],
  ];
  const picked = await vscode.window.showQuickPick(
    entries.map(([label, command]) => ({ label, command })),
    { title: "Grammared", placeHolder: summary },
  );
  if (picked) {
    await vscode.commands.executeCommand(picked.command);
  }
}

/** Ask what shall run the model, and put that into the user's settings. */
export async function chooseEngine(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("grammared");
  const present = settings.get<string>("engine");
  const url = settings.get<string>("triton.url");
  const engines = [
    { engine: "local", label: "local", detail: "In the server's own process, on this machine" },
    { engine: "triton", label: "triton", detail: `A Triton Inference Server${url ? ` at ${url}` : ""}` },
  ];
  const picked = await vscode.window.showQuickPick(
    engines.map((one) => ({ ...one, description: one.engine === present ? "in use" : "" })),
    { title: "Grammared", placeHolder: "What shall run the model?" },
  );
  if (picked) {
    await settings.update("engine", picked.engine, vscode.ConfigurationTarget.Global);
  }
}
