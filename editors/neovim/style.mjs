// The Lua files in the style of stylua.toml: `node style.mjs` says which are not, `node style.mjs --write` makes them.
// StyLua comes from npm, built for Node: npm install --no-save @johnnymorganz/stylua@2.5.2
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { Config, IndentType, OutputVerification, formatCode } from "@johnnymorganz/stylua";

/** Those of stylua.toml; made for each file, as `formatCode` consumes them. */
function options() {
  const wanted = Config.new();
  wanted.column_width = 120;
  wanted.indent_type = IndentType.Spaces;
  wanted.indent_width = 2;
  return wanted;
}

const folders = ["ftdetect", "ftplugin", "lsp", "lua", "plugin"];
const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`));
const others = files.filter((path) => path.endsWith(".lua")).filter((path) => {
  const text = readFileSync(path, "utf8");
  const styled = formatCode(text, options(), undefined, OutputVerification.Full);
  if (process.argv.includes("--write")) writeFileSync(path, styled);
  return styled !== text;
});
for (const path of others) console.log(`${path}: not in the style of stylua.toml`);
if (others.length && !process.argv.includes("--write")) process.exitCode = 1;
