/** What the user has set, and nothing else: defaults are the server's, so that files of settings can count. */

import * as vscode from "vscode";

const OWN = "server.";

/** The settings that somebody has set, in the form that the server reads. */
export function chosenSettings(
  context: vscode.ExtensionContext,
  scope?: vscode.ConfigurationScope,
): Record<string, unknown> {
  const manifest = context.extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, unknown> } };
  };
  const configuration = vscode.workspace.getConfiguration("grammared", scope);
  const chosen: Record<string, unknown> = {};
  for (const key of Object.keys(manifest.contributes.configuration.properties)) {
    const name = key.replace(/^grammared\./, "");
    if (!name.startsWith(OWN)) {
      const value = chosenValue(configuration.inspect(name));
      if (value !== undefined) {
        put(chosen, name.split("."), value);
      }
    }
  }
  return chosen;
}

function chosenValue(found: ReturnType<vscode.WorkspaceConfiguration["inspect"]>): unknown {
  return found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
}

function put(target: Record<string, unknown>, path: string[], value: unknown): void {
  const [first, ...rest] = path;
  if (rest.length === 0) {
    target[first] = value;
  } else {
    put((target[first] ??= {}) as Record<string, unknown>, rest, value);
  }
}
