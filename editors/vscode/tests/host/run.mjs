// The tests in the real VS Code, or some of them: `node tests/host/run.mjs [api|screen|squiggle]`
import { testInHost } from "./api.mjs";
import { serverOnPath } from "./code-server.mjs";
import { measureSquiggle, testOnScreen } from "./screen.mjs";

const PARTS = {
  all: async () => (await testInHost()) && (await testOnScreen()),
  api: testInHost,
  screen: testOnScreen,
  squiggle: measureSquiggle,
};

try {
  if (!serverOnPath()) {
    throw new Error("These tests need `grammared` on the PATH: python3 dev.py vscode installs it.");
  }
  process.exit((await PARTS[process.argv[2] ?? "all"]()) ? 0 : 1);
} catch (error) {
  console.error(error);
  process.exit(1);
}
