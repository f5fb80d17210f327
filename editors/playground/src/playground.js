// The page of `grammared playground`: an editor whose findings come from the server that served the page.

import { markdown } from "@codemirror/lang-markdown";
import { forceLinting, linter, lintGutter } from "@codemirror/lint";
import { Compartment, StateEffect } from "@codemirror/state";
import { EditorView, basicSetup } from "codemirror";

const element = (id) => document.getElementById(id);
const DELAY = 300; // milliseconds without a keystroke

const language = new Compartment();
/** Asks for another check though the text has not changed. */
const again = StateEffect.define();
let last = { findings: [], tags: [] };

/** Ask the server about the whole text; what is wrong with the question is shown, and nothing is found. */
async function check(text) {
  element("state").textContent = "checking …";
  const question = {
    text,
    kind: element("kind").value,
    strictness: element("strictness").value,
    engine: element("engine").value,
  };
  const response = await fetch("check", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

async function diagnostics(view) {
  const text = view.state.doc.toString();
  try {
    last = await check(text);
    element("state").textContent = "";
    element("model").textContent = last.model;
  } catch (error) {
    last = { findings: [], tags: [] };
    element("state").textContent = error.message;
  }
  if (view.state.doc.toString() !== text) return []; // somebody typed on: another question is under way
  show();
  return last.findings.map((finding) => ({
    from: place(view, finding.start),
    to: place(view, finding.end),
    severity: finding.severity,
    source: `${finding.kind}, ${Math.round(100 * finding.confidence)} %`,
    message: finding.message,
    actions: finding.suggestions.map((suggestion) => ({
      name: suggestion.text === "" ? "(nothing)" : suggestion.text,
      apply: (target) =>
        target.dispatch({
          changes: {
            from: place(target, suggestion.start),
            to: place(target, suggestion.end),
            insert: suggestion.text,
          },
        }),
    })),
  }));
}

/** An offset in the editor's text of a line from 0 and a column in UTF-16 code units. */
function place(view, [line, column]) {
  return view.state.doc.line(line + 1).from + column;
}

/** The list of findings, and the words with what the model says of each. */
function show() {
  const count = last.findings.length;
  element("count").textContent = `${count || "No"} ${count === 1 ? "finding" : "findings"}`;
  element("findings").replaceChildren(
    ...last.findings.map((finding) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.textContent = finding.text || "(here)";
      button.title = "Show it in the text";
      button.onclick = () => {
        view.dispatch({
          selection: { anchor: place(view, finding.start), head: place(view, finding.end) },
          scrollIntoView: true,
        });
        view.focus();
      };
      const right = document.createElement("b");
      right.textContent = finding.suggestions.map((one) => one.text || "(nothing)").join(" or ");
      const why = document.createElement("span");
      why.textContent = finding.message;
      const kind = document.createElement("small");
      kind.textContent = `${finding.kind}, ${Math.round(100 * finding.confidence)} %`;
      item.append(button, " → ", right, why, kind);
      return item;
    }),
  );
  element("tags").replaceChildren(
    ...last.tags.map((tag) => {
      const word = document.createElement("span");
      word.className = "word";
      word.style.setProperty("--error", tag.error.toFixed(2));
      const label = tag.label === "$KEEP" ? "" : tag.label;
      word.title = `${tag.label} ${Math.round(100 * tag.probability)} %, error ${Math.round(100 * tag.error)} %`;
      word.append(tag.word);
      if (label) {
        const small = document.createElement("small");
        small.textContent = label;
        word.append(small);
      }
      return word;
    }),
  );
}

const view = new EditorView({
  doc: element("example").textContent.trim() + "\n",
  parent: element("editor"),
  extensions: [
    basicSetup,
    language.of(markdown()),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": "Your text", spellcheck: "false" }),
    lintGutter(),
    linter(diagnostics, {
      delay: DELAY,
      needsRefresh: (update) =>
        update.transactions.some((one) => one.effects.some((effect) => effect.is(again))),
    }),
  ],
});

for (const id of ["kind", "strictness", "engine"]) {
  element(id).addEventListener("change", () => {
    const isMarkdown = element("kind").value === "markdown";
    view.dispatch({ effects: [language.reconfigure(isMarkdown ? markdown() : []), again.of(null)] });
    forceLinting(view);
  });
}

element("all").addEventListener("click", () => {
  const changes = [];
  let end = -1;
  for (const finding of last.findings) {
    const [best] = finding.suggestions;
    if (!best || place(view, best.start) <= end) continue;
    end = place(view, best.end);
    changes.push({ from: place(view, best.start), to: end, insert: best.text });
  }
  view.dispatch({ changes });
  view.focus();
});

forceLinting(view);
