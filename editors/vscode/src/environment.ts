/**
 * A Python environment of the extension's own, for who has no server: made when asked for, never by itself.
 *
 * Free of VS Code, so that it can be tested without.
 */

import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import * as path from "node:path";
import { HOME, inEnvironment } from "./lookup";

const PYTHONS: [string, string[]][] = [
  ["python3", []],
  ["python", []],
  ["py", ["-3"]],
  ["python3.13", []],
  ["python3.12", []],
  ["python3.11", []],
  ["python3.10", []],
];
const SUITABLE = "import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))";
const PACKAGE = "grammared";

export interface Plan {
  /** Where the environment goes; what is there is replaced. */
  folder: string;
  /** Folder of wheels that the extension carries; it may be missing. */
  wheels: string;
  /** The oldest server that will do. */
  minimum: string;
  signal: AbortSignal;
  /** Told what is done next. */
  report: (step: string) => void;
}

/** Make the environment; the server's program in it. What was begun is removed when it fails or is cancelled. */
export async function createEnvironment(plan: Plan): Promise<string> {
  const { folder, signal, report } = plan;
  report("looking for Python");
  const [python, pythonArgs] = await suitablePython(signal);
  try {
    report("making a Python environment");
    await mkdir(path.dirname(folder), { recursive: true });
    await run(python, [...pythonArgs, "-m", "venv", "--clear", folder], signal);
    report("installing Grammared; this can take some minutes");
    const program = inEnvironment(folder, process.platform);
    const inner = path.join(path.dirname(program), process.platform === "win32" ? "python.exe" : "python");
    await run(inner, ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", ...what(plan)], signal);
    return program;
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
}

/** What pip installs: the wheel that the extension carries, with those beside it, else the package of that name. */
export function what({ wheels, minimum }: Pick<Plan, "wheels" | "minimum">): string[] {
  const names = existsSync(wheels) ? readdirSync(wheels) : [];
  const ours = names.find((name) => name.startsWith(`${PACKAGE}-`) && name.endsWith(".whl"));
  return ours ? ["--find-links", wheels, path.join(wheels, ours)] : [`${PACKAGE}>=${minimum}`];
}

async function suitablePython(signal: AbortSignal): Promise<[string, string[]]> {
  for (const [command, args] of PYTHONS) {
    try {
      await run(command, [...args, "-c", SUITABLE], signal);
      return [command, args];
    } catch {
      signal.throwIfAborted();
    }
  }
  throw new Error(
    "no Python 3.10 to 3.13 with the module venv was found. Install one (on Debian or Ubuntu: apt install python3-venv)",
  );
}

function run(command: string, args: string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // Never in the workspace, whose files could be taken for Python's own modules.
    const options = { cwd: HOME, signal, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, args, options, (error, _stdout, stderr) => {
      if (error) {
        reject(signal.aborted ? error : new Error(stderr.trim().split("\n").at(-1) || error.message));
      } else {
        resolve();
      }
    });
  });
}
