/** The task “grammared: lint”: checks the files of a folder by the command line, into the Problems panel. */

import * as vscode from "vscode";
import type { ServerClient } from "./client";
import { HOME } from "./lookup";

const TYPE = "grammared";

interface Definition extends vscode.TaskDefinition {
  /** Files and folders, relative to the folder of the workspace; all of it by default. */
  paths?: string[];
}

export class LintTasks implements vscode.TaskProvider {
  static readonly type = TYPE;

  constructor(private readonly server: ServerClient) {}

  provideTasks(): vscode.Task[] {
    return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => this.task({ type: TYPE }, folder) ?? []);
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const folder = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.at(0);
    return folder && this.task(task.definition, folder);
  }

  private task(definition: Definition, folder: vscode.WorkspaceFolder): vscode.Task | undefined {
    const found = this.server.found;
    if (!found || folder.uri.scheme !== "file") {
      return undefined;
    }
    const files = (definition.paths ?? ["."]).map((one) => vscode.Uri.joinPath(folder.uri, one).fsPath);
    const args = [...found.args, "lint", "--format", "concise", "--", ...files];
    // Outside of the workspace, as the server: some commands would take its files for their own.
    const execution = new vscode.ProcessExecution(found.command, args, { cwd: HOME });
    return new vscode.Task(definition, folder, "lint", "grammared", execution, "$grammared");
  }
}
