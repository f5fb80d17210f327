/**
 * Where the server is: the first that can be run of
 *
 * 1. the setting `grammared.server.command` (of the user or the machine; a workspace cannot set it),
 * 2. `grammared` in the Python environment of the workspace's folder, only if the workspace is trusted,
 * 3. `grammared` on the PATH,
 * 4. the environment of its own, if it was ever made (environment.ts),
 * 5. `uvx grammared` or `pipx run grammared`, which fetch it.
 *
 * Free of VS Code, so that it can be tested without.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

export interface Lookup {
  /** The setting: a command with its arguments; empty for none. */
  configured: readonly string[];
  /** Folders of the workspace. */
  folders: readonly string[];
  isTrusted: boolean;
  /** The variable PATH. */
  searchPath: string;
  platform: NodeJS.Platform;
  /** Folder of the environment of its own, which may be missing. */
  own?: string;
}

export interface Found {
  command: string;
  args: string[];
  /** How it was found, for the log. */
  from: string;
}

const ENVIRONMENTS = [".venv", "venv", ".env", "env"];
const RUNNERS: [string, string[]][] = [
  ["uvx", ["grammared"]],
  ["pipx", ["run", "--spec", "grammared", "grammared"]], // a bare name may be a file of the present folder
];
/** Where the server runs: never in the workspace, whose files some commands would take for their own. */
export const HOME = homedir();

/** Where the server may be, the best place first. */
export function* places(lookup: Lookup, exists: (file: string) => boolean = existsSync): Generator<Found> {
  const [command, ...args] = lookup.configured;
  if (command) {
    yield { command, args, from: "the setting grammared.server.command" };
    return; // whoever names one wants that one
  }
  if (lookup.isTrusted) {
    for (const folder of lookup.folders) {
      for (const environment of ENVIRONMENTS) {
        const file = inEnvironment(path.join(folder, environment), lookup.platform);
        if (exists(file)) {
          yield { command: file, args: [], from: `the environment ${path.dirname(path.dirname(file))}` };
        }
      }
    }
  }
  const onPath = which("grammared", lookup, exists);
  if (onPath) {
    yield { command: onPath, args: [], from: "PATH" };
  }
  const own = lookup.own && inEnvironment(lookup.own, lookup.platform);
  if (own && exists(own)) {
    yield { command: own, args: [], from: "the extension's own environment" };
  }
  for (const [runner, runnerArgs] of RUNNERS) {
    const file = which(runner, lookup, exists);
    if (file) {
      yield { command: file, args: runnerArgs, from: runner };
    }
  }
}

/** Where the server's program is in an environment. */
export function inEnvironment(folder: string, platform: NodeJS.Platform): string {
  return platform === "win32"
    ? path.join(folder, "Scripts", "grammared.exe")
    : path.join(folder, "bin", "grammared");
}

function which(name: string, lookup: Lookup, exists: (file: string) => boolean): string | undefined {
  const separator = lookup.platform === "win32" ? ";" : ":";
  const ending = lookup.platform === "win32" ? ".exe" : "";
  return lookup.searchPath
    .split(separator)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name + ending))
    .find(exists);
}

/** The version that a server says it has, such as `0.1.0`; undefined if it cannot be run, or does not say. */
export function versionOf(found: Found): Promise<string | undefined> {
  // A runner may fetch the server first.
  const timeout = found.args.length > 0 ? 120_000 : 15_000;
  return new Promise((resolve) => {
    execFile(found.command, [...found.args, "--version"], { cwd: HOME, timeout }, (error, stdout) => {
      resolve(error ? undefined : /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0]);
    });
  });
}

/** A server that was looked at and will not do. */
export interface Unfit {
  found: Found;
  /** What it says it is; undefined if it cannot be run. */
  version: string | undefined;
}

/** The first server that can be run and fits, and those before it that do not; asked one after the other. */
export async function firstFitting(
  lookup: Lookup,
  minimum: string,
  ask: (found: Found) => Promise<string | undefined> = versionOf,
  exists: (file: string) => boolean = existsSync,
): Promise<{ found: Found | undefined; unfit: Unfit[] }> {
  const unfit: Unfit[] = [];
  for (const found of places(lookup, exists)) {
    const version = await ask(found);
    if (version !== undefined && fits(version, minimum)) {
      return { found, unfit };
    }
    unfit.push({ found, version });
  }
  return { found: undefined, unfit };
}

/** Why no server was started, and what to do, in a line. */
export function whyNone(unfit: readonly Unfit[], minimum: string): string {
  const old = unfit.find((one) => one.version !== undefined);
  if (old) {
    return (
      `Grammared's server ${old.found.command} is version ${old.version}, and this extension needs ${minimum} ` +
      "or newer: update it, or name another in the setting grammared.server.command."
    );
  }
  if (unfit.length > 0) {
    const { command, from } = unfit[0].found;
    return `Grammared's server cannot be run: ${command}, found by ${from}. The log says more.`;
  }
  return (
    "Grammared's server was not found. Let the extension set one up, install it so that `grammared` is on the PATH, " +
    "or name its command in the setting grammared.server.command."
  );
}

/** Whether a server's version is one that this extension knows how to speak with. */
export function fits(version: string, minimum: string): boolean {
  const [a, b] = [version, minimum].map((text) => text.split(".").map((part) => parseInt(part, 10)));
  for (let i = 0; i < 3; i++) {
    if (a[i] !== b[i]) {
      return a[i] > b[i];
    }
  }
  return true;
}
