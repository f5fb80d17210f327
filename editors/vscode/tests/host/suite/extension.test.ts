import assert from "node:assert/strict";
import * as vscode from "vscode";
import { choose, findings, inWorkspace, menu, open, pause, placeOf, servers, underlined, until, untilUnderlined } from "./helpers";
import { print } from "./index";

const WRONG = "She go to school every day.\n";
const RIGHT = "She goes to school every day.\n";
const RESTARTS = 4;

/** What the test needs of the extension for Git. */
interface GitExtension {
  getAPI(version: 1): { init(root: vscode.Uri): Promise<{ inputBox: { value: string } }> };
}

const set = (name: string, value: unknown): Thenable<void> =>
  vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);

describe("the extension", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));

  it("shows what is wrong in a Markdown file, and leaves code alone", async () => {
    const began = Date.now();
    const { document } = await open("letter.md");
    await until("a squiggle", () => underlined(document).length > 0);
    print(`      first squiggle, the server just started: ${Date.now() - began} ms`);
    await untilUnderlined(document, "go", "dont", " the");
    const [first] = findings(document);
    assert.equal(first.severity, vscode.DiagnosticSeverity.Warning);
    assert.equal((first.code as { value: string }).value, "subject-verb-agreement");
  });

  it("shows what is wrong in the comments of a Python file", async () => {
    const began = Date.now();
    const { document } = await open("tool.py");
    await untilUnderlined(document, "go");
    print(`      first squiggle, the server being there: ${Date.now() - began} ms`);
  });

  it("checks a document that was never saved", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "markdown", content: WRONG });
    await vscode.window.showTextDocument(document);
    await untilUnderlined(document, "go");
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("says why on hover, with a link to the kind's page", async () => {
    const { document } = await open("hover.md", WRONG);
    await untilUnderlined(document, "go");
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      placeOf(document, "go").start,
    );
    const text = hovers.flatMap((one) => one.contents.map((part) => (part as vscode.MarkdownString).value)).join("\n");
    assert.match(text, /She goes to school/);
    assert.match(text, /\[More on subject-verb-agreement\]\((https|file):/);
  });

  it("puts one finding right, the preferred fix first", async () => {
    const { document } = await open("fix.md", WRONG);
    await untilUnderlined(document, "go");
    const [first] = await menu(document, "go");
    assert.ok(first.isPreferred);
    await choose(document, "go", first.title);
    await until("the fix", () => document.getText() === RIGHT);
    await untilUnderlined(document);
  });

  it("puts all right that is sure", async () => {
    const { document } = await open("all.md", `${WRONG}\nI dont know.\n`);
    await untilUnderlined(document, "go", "dont");
    await vscode.commands.executeCommand("grammared.fixAll");
    await until("the fixes", () => document.getText() === `${RIGHT}\nI don't know.\n`);
  });

  it("puts right on saving", async () => {
    await set("editor.codeActionsOnSave", { "source.fixAll.grammared": "explicit" });
    try {
      const { document } = await open("save.md", WRONG);
      await untilUnderlined(document, "go");
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), "# A title\n\n");
      await vscode.workspace.applyEdit(edit);
      await untilUnderlined(document, "go");
      await document.save();
      assert.equal(Buffer.from(await vscode.workspace.fs.readFile(document.uri)).toString(), `# A title\n\n${RIGHT}`);
    } finally {
      await set("editor.codeActionsOnSave", undefined);
    }
  });

  it("adds a word to the dictionary, and takes it back", async () => {
    const { document } = await open("word.md", "We ate the widgit and it was good.\n");
    await untilUnderlined(document, "widgit");
    await choose(document, "widgit", "Add “widgit” to your dictionary");
    await untilUnderlined(document);
    await vscode.commands.executeCommand("grammared.undoSilence");
    await untilUnderlined(document, "widgit");
  });

  it("ignores a finding, after a restart too", async () => {
    const { document } = await open("ignore.md", "They is here today.\n\nHe walk to work.\n");
    await untilUnderlined(document, "is", "walk");
    await choose(document, "walk", "Ignore “walk” here and wherever it stands like this");
    await untilUnderlined(document, "is");
    await vscode.commands.executeCommand("grammared.startServer");
    await untilUnderlined(document, "is");
    await pause(500);
    assert.deepEqual(underlined(document), ["is"]);
  });

  it("switches a kind off in the project", async () => {
    const { document } = await open("kind.md", "The the dog and a apple.\n");
    await untilUnderlined(document, " the", "a");
    await choose(document, "a apple", "Switch off “article” in the project");
    await untilUnderlined(document, " the");
    await vscode.commands.executeCommand("grammared.undoSilence");
    await untilUnderlined(document, " the", "a");
  });

  it("fixes and ignores from the side view", async () => {
    const { document } = await open("view.md", "They is late today.\n\nHe run to work.\n");
    await untilUnderlined(document, "is", "run");
    const [first, second] = findings(document);
    await vscode.commands.executeCommand("grammared.fixFinding", { uri: document.uri, diagnostic: first });
    await until("the fix", () => document.getText().startsWith("They are late"));
    await vscode.commands.executeCommand("grammared.ignoreFinding", { uri: document.uri, diagnostic: second });
    await untilUnderlined(document);
  });

  it("fixes from the side view what is not open", async () => {
    const { document } = await open("closed.md", WRONG);
    await untilUnderlined(document, "go");
    const [diagnostic] = findings(document);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await vscode.commands.executeCommand("grammared.fixFinding", { uri: inWorkspace("closed.md"), diagnostic });
    const again = await vscode.workspace.openTextDocument(inWorkspace("closed.md"));
    await until("the fix", () => again.getText() === RIGHT);
    await again.save();
  });

  it("has a task that checks all files into the Problems panel", async () => {
    await vscode.workspace.fs.writeFile(inWorkspace("task.md"), Buffer.from(WRONG));
    const [task] = await vscode.tasks.fetchTasks({ type: "grammared" });
    const ended = new Promise<number | undefined>((resolve) =>
      vscode.tasks.onDidEndTaskProcess(({ exitCode }) => resolve(exitCode)),
    );
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 1);
    const found = await until("the problem", () => vscode.languages.getDiagnostics(inWorkspace("task.md")).at(0));
    assert.match(found.message, /the verb ends in -s/);
    assert.equal(found.range.start.line, 0);
  });

  it("heeds a changed setting without an edit", async () => {
    const { document } = await open("setting.md", WRONG);
    await untilUnderlined(document, "go");
    await set("grammared.kinds", { "subject-verb-agreement": "off" });
    await untilUnderlined(document);
    await set("grammared.kinds", { "subject-verb-agreement": "error" });
    await untilUnderlined(document, "go");
    assert.equal(findings(document)[0].severity, vscode.DiagnosticSeverity.Error);
    await set("grammared.kinds", undefined);
    await until("the default", () => findings(document)[0]?.severity === vscode.DiagnosticSeverity.Warning);
  });

  it("shows nothing while paused", async () => {
    const { document } = await open("pause.md", WRONG);
    await untilUnderlined(document, "go");
    await vscode.commands.executeCommand("grammared.pauseDocument");
    await untilUnderlined(document);
    await vscode.commands.executeCommand("grammared.resumeDocument");
    await untilUnderlined(document, "go");
  });

  it("checks the cells of a notebook", async () => {
    const cell = { cell_type: "markdown", metadata: {}, source: [WRONG] };
    const notebook = { cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 2 };
    await vscode.workspace.fs.writeFile(inWorkspace("paper.ipynb"), Buffer.from(JSON.stringify(notebook)));
    await vscode.commands.executeCommand("vscode.open", inWorkspace("paper.ipynb"));
    const editor = await until("the notebook", () => vscode.window.activeNotebookEditor);
    await untilUnderlined(editor.notebook.cellAt(0).document, "go");
  });

  it("starts the server again when it has died, but not for ever", async function () {
    this.timeout(800_000);
    await vscode.commands.executeCommand("grammared.startServer"); // counts anew
    const { document } = await open("killed.md", WRONG);
    await untilUnderlined(document, "go");
    for (let death = 1; death <= RESTARTS; death++) {
      const killed = await killServer();
      await until(`the server to come back from death ${death}`, () => servers().some((pid) => pid !== killed));
      await (death === 1 ? untilAnswering(document, death) : untilUp());
    }
    await killServer();
    await pause(3000);
    assert.deepEqual(servers(), []);
    await vscode.commands.executeCommand("grammared.startServer");
    await until("the server, asked for", () => servers().length === 1);
    await untilAnswering(document, 0);
  });

  // The last, as the extension for Git minds when its folder goes away.
  it("checks the box for commit messages", async () => {
    const git = await vscode.extensions.getExtension<GitExtension>("vscode.git")?.activate();
    assert.ok(git);
    const repository = await git.getAPI(1).init(inWorkspace(""));
    await vscode.commands.executeCommand("workbench.view.scm");
    repository.inputBox.value = `Add a test\n\n${WRONG}`;
    const isBox = (one: vscode.TextDocument): boolean => one.uri.scheme === "vscode-scm" && one.getText() !== "";
    const box = await until("the box", () => vscode.workspace.textDocuments.find(isBox));
    await untilUnderlined(box, "go");
    await choose(box, "go", "Replace “go” with “goes”");
    await until("the fix", () => repository.inputBox.value === `Add a test\n\n${RIGHT}`);
    await untilUnderlined(box);
  });
});

async function killServer(): Promise<number> {
  const [pid] = await until("the server", () => servers().length === 1 && servers());
  process.kill(pid, "SIGKILL");
  await until("its end", () => !servers().includes(pid));
  return pid;
}

/** Wait until a new server can be asked. */
async function untilUp(): Promise<void> {
  await until("the server to answer", async () => {
    try {
      return Boolean(await vscode.commands.executeCommand("grammared.status"));
    } catch {
      return false; // the command comes with the server
    }
  });
}

/** Whether a new server sees new mistakes. */
async function untilAnswering(document: vscode.TextDocument, count: number): Promise<void> {
  const text = count % 2 ? `I dont know.\n\n${WRONG}` : WRONG;
  await vscode.workspace.fs.writeFile(inWorkspace("killed.md"), Buffer.from(text));
  await until("the file to be read again", () => document.getText() === text);
  await untilUnderlined(document, ...(count % 2 ? ["dont", "go"] : ["go"]));
}
