// The text of the parameters: an editor that knows the schema and shows mistakes at their place.

import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import type { Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import type { Fix, Message, Point, Schema } from "./module";
import { change } from "./document";
import { about, below, keys, parents, values } from "./schema";

const COLORS = HighlightStyle.define([
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--text-value)" },
  { tag: [tags.keyword, tags.bool, tags.number], color: "var(--number)" },
]);

const LOOK = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "0.875rem" },
  ".cm-content": { caretColor: "var(--ink)", fontFamily: "var(--mono)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sheet)", color: "var(--soft)", border: "none" },
  "&.cm-focused": { outline: "3px solid var(--focus)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--mark) !important" },
  ".cm-tooltip": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--line)", maxWidth: "34rem" },
  ".cm-tooltip-hover": { padding: "0.4rem 0.6rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap", fontFamily: "inherit" },
});

/** Where a place of a message is in the text. It counts characters, JavaScript their halves. */
export function offset(text: string, point: Point): number {
  let start = 0;
  for (let line = 1; line < point.line; line++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  let at = start;
  for (let column = 1; column < point.column && at < text.length && text[at] !== "\n"; column++) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}

export type Options = {
  /** What it is called for who does not see it. */
  label: string;
  /** What keys there are. */
  schema?: Schema;
  /** The id of what says how to leave it. */
  hint?: string;
  readOnly?: boolean;
  changed?: (text: string) => void;
};

export class Editor {
  readonly view: EditorView;

  constructor(parent: HTMLElement, options: Options) {
    const { schema, hint, changed } = options;
    const described: Record<string, string> = hint ? { "aria-describedby": hint } : {};
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          // Carriage returns of a file stay: they may be what is wrong with it.
          EditorState.lineSeparator.of("\n"),
          EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
          lineNumbers(),
          history(),
          yaml(),
          indentUnit.of("  "),
          closeBrackets(),
          syntaxHighlighting(COLORS),
          lintGutter(),
          ...(schema
            ? [
                autocompletion({ override: [(context) => complete(context, schema)], icons: false }),
                hoverTooltip((view, place) => hover(view, place, schema)),
              ]
            : []),
          keymap.of([...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorState.readOnly.of(options.readOnly === true),
          EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false", tabindex: "0", ...described }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed?.(update.state.doc.toString());
          }),
          LOOK,
        ],
      }),
    });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Puts a text in the place of the present one, and changes no more than differs. */
  put(text: string): void {
    const changes = change(this.text, text);
    if (changes) this.view.dispatch({ changes });
  }

  /** Writes texts in the place of others, all at once. */
  edit({ edits }: Fix): void {
    const text = this.text;
    const changes = edits.flatMap(({ place: { start, end }, text: insert }) =>
      start && end ? [{ from: offset(text, start), to: offset(text, end), insert }] : [],
    );
    this.view.dispatch({ changes });
  }

  label(label: string): void {
    this.view.contentDOM.setAttribute("aria-label", label);
  }

  /** Marks what the messages are about; with `repair`, what they can be repaired with is offered. */
  show(messages: Message[], repair?: (message: Message) => void): void {
    const text = this.text;
    const diagnostics = messages.flatMap((one): Diagnostic[] => {
      if (!one.place?.start || !one.place.end) return [];
      const [from, end] = [offset(text, one.place.start), offset(text, one.place.end)];
      const severity = one.severity === "note" ? "info" : one.severity;
      const message = one.help ? `${one.message}\n${one.help}` : one.message;
      const actions = one.fix && repair ? [{ name: one.fix.title, apply: () => repair(one) }] : [];
      return [{ from, to: Math.max(from, end), severity, message, actions }];
    });
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  /** Goes to a place. */
  go(point: Point): void {
    const anchor = offset(this.text, point);
    this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    this.view.focus();
  }
}

function lines(state: EditorState): string[] {
  return state.doc.toString().split("\n");
}

function complete(context: CompletionContext, schema: Schema): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const above = parents(lines(context.state), line.number - 1);
  const word = /^\s*(?:- +)*([A-Za-z0-9_]*)$/.exec(before);
  if (word) {
    const typed = word[1] ?? "";
    if (typed === "" && !context.explicit) return null;
    const here = below(schema, above);
    if (!here) return null;
    const taken = siblings(context.state, line.number, before.length - typed.length);
    const indent = " ".repeat(before.length - typed.length + 2);
    const options = keys(here)
      .filter((key) => !taken.has(key.name))
      .map((key) => ({
        label: key.name,
        info: key.about,
        apply: key.inner ? `${key.name}:\n${indent}` : `${key.name}: `,
      }));
    const items = here.items ? values(here).map((one): Completion => ({ label: one.name, info: one.about })) : [];
    return { from: context.pos - typed.length, options: [...options, ...items], validFor: /^[A-Za-z0-9_]*$/ };
  }
  const pair = /^\s*(?:- +)*([A-Za-z0-9_]+):\s+(\S*)$/.exec(before);
  const at = pair && below(schema, [...above, pair[1] ?? ""]);
  if (!pair || !at) return null;
  const options = values(at).map((one): Completion => ({ label: one.name, info: one.about || about(at) }));
  return options.length > 0 ? { from: context.pos - (pair[2] ?? "").length, options } : null;
}

/** Keys of the same map, which cannot be there twice. */
function siblings(state: EditorState, number: number, column: number): Set<string> {
  const found = new Set<string>();
  for (const step of [-1, 1]) {
    for (let at = number + step; at >= 1 && at <= state.doc.lines; at += step) {
      const text = state.doc.line(at).text;
      if (text.trim() === "" || text.trimStart().startsWith("#")) continue;
      const [all = "", lead = "", name = ""] = /^(\s*(?:- +)*)([A-Za-z0-9_]*)/.exec(text) ?? [];
      const dashed = lead.includes("-");
      if (all.length > 0 && lead.length < column) break;
      if (step > 0 && dashed && lead.length === column) break;
      if (lead.length === column && name !== "") found.add(name);
      if (step < 0 && dashed && lead.length === column) break;
    }
  }
  return found;
}

function hover(view: EditorView, place: number, schema: Schema) {
  const line = view.state.doc.lineAt(place);
  const key = /^(\s*(?:- +)*)([A-Za-z0-9_]+):/.exec(line.text);
  if (!key) return null;
  const [, lead = "", name = ""] = key;
  const [from, to] = [line.from + lead.length, line.from + lead.length + name.length];
  if (place < from || place > to) return null;
  const words = about(below(schema, [...parents(lines(view.state), line.number - 1), name]));
  if (words === "") return null;
  return {
    pos: from,
    end: to,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.textContent = words;
      return { dom };
    },
  };
}
