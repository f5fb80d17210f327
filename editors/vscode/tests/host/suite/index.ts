/** What the extension host runs: every test of this folder, by mocha. The outcome goes to the page that started it. */

import Mocha from "mocha";

class Printer extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on("pass", (test) => print(`ok    ${test.title} (${test.duration} ms)`));
    runner.on("fail", (test, error: Error) => print(`FAIL  ${test.title}\n${error.stack}`));
    runner.on("end", () => print(`${runner.stats?.passes} passed, ${runner.stats?.failures} failed`));
  }
}

/** One line for whoever started the tests; the workbench prints much more. */
export function print(text: string): void {
  console.log(`[test] ${text}`);
}

export async function run(): Promise<void> {
  const mocha = new Mocha({
    ui: "bdd",
    timeout: 540_000,
    reporter: Printer,
    bail: Boolean(process.env["GRAMMARED_TEST_BAIL"]),
    grep: process.env["GRAMMARED_TEST_GREP"],
  });
  mocha.suite.emit("pre-require", globalThis as unknown as Mocha.MochaGlobals, "", mocha);
  await import("./extension.test"); // which finds mocha's functions now
  return new Promise((resolve, reject) => {
    mocha.run((failures) => (failures ? reject(new Error(`${failures} tests failed`)) : resolve()));
  });
}
