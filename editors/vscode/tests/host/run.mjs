// The tests in the real VS Code: in its extension host, and through the screen. `npm run test:host`
import { testInHost } from "./api.mjs";
import { testOnScreen } from "./screen.mjs";

const wanted = process.argv[2] ?? "all"; // or api, screen
try {
  const isGood =
    (wanted === "screen" || (await testInHost())) && (wanted === "api" || (await testOnScreen()));
  process.exit(isGood ? 0 : 1);
} catch (error) {
  console.error(error);
  process.exit(1);
}
