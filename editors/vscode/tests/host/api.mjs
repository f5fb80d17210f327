// Runs the tests of the folder suite/ inside the real extension host; answers whether all went well.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { CodeServer } from "./code-server.mjs";
import { LETTER, TOOL } from "./texts.mjs";

const EXTENSION = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
const LIMIT = 1_800_000;

export async function testInHost() {
  await build({
    entryPoints: [`${EXTENSION}/tests/host/suite/index.ts`],
    outfile: `${EXTENSION}/dist/tests/suite.js`,
    bundle: true,
    platform: "node",
    external: ["vscode", "mocha"],
  });
  const server = await CodeServer.start({
    files: { "letter.md": LETTER, "tool.py": TOOL },
    options: ["--vscode-option", "enable-smoke-test-driver"],
    env: { GRAMMARED_TEST_GREP: process.env.GRAMMARED_TEST_GREP ?? "" },
  });
  let code = 1;
  try {
    code = await driven(server);
  } finally {
    await server.stop({ keep: code !== 0 });
  }
  return code === 0;
}

function driven(server) {
  const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${path}`;
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("the tests in the extension host do not end")), LIMIT);
    const done = (code) => (clearTimeout(limit), resolve(code));
    const prepare = async (page) => {
      await page.exposeFunction("codeAutomationLog", (type, args) => say(args));
      await page.exposeFunction("codeAutomationExit", done);
    };
    const payload = [
      ["extensionDevelopmentPath", remote(EXTENSION)],
      ["extensionTestsPath", remote(`${EXTENSION}/dist/tests/suite.js`)],
    ];
    server.open({ payload, prepare }).catch(reject);
  });
}

/** The tests print through the console of the extension host; all else that the workbench says is left out. */
function say(args) {
  if (String(args[0]).startsWith("[test] ")) {
    console.log(String(args[0]).slice("[test] ".length));
  } else if (process.env.GRAMMARED_TEST_VERBOSE) {
    console.log("·", ...args);
  }
}
