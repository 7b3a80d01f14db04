// Any user-data, opened and linted: what is in it, what will go wrong with it and where, and the
// repairs that change nothing else.

import { bytesOfFile, find, make, put } from "./dom";
import { Editor } from "./editor";
import { list, sorted } from "./messages";
import type { Acts } from "./messages";
import type { Given, Inspection, Library, Message, Payload, Point } from "./module";
import { count, say } from "./words";

/** What is pasted is called this. */
const PASTED = "user-data";

export class Inspector {
  private readonly editor: Editor;
  private readonly image = find<HTMLSelectElement>("inspect-image");
  private given: Given = { bytes: new Uint8Array(), name: PASTED, image: "" };
  private last: Payload | null = null;
  /** The file that is in the editor, as long as it is not changed there. */
  private file: { name: string; bytes: Uint8Array } | null = null;
  /** What was done last, in words. */
  private done: string[] = [];
  /** The texts inside of envelopes, by their names. */
  private inner = new Map<string, { editor: Editor; element: HTMLElement }>();

  /** `use` takes a text that is a parameter file after all. */
  constructor(
    private readonly library: () => Library,
    images: string[],
    private readonly use: (text: string) => void,
  ) {
    const changed = (): void => {
      this.file = null;
      this.look();
    };
    this.editor = new Editor(find("inspect-text"), { label: say("inspectText"), hint: "inspect-hint", changed });
    this.image.append(make("option", { value: "" }), ...images.map((name) => make("option", { value: name }, name)));
    this.image.addEventListener("change", () => this.look());
    const file = find<HTMLInputElement>("inspect-file");
    const take = async (files: FileList | null | undefined): Promise<void> => {
      const one = files?.[0];
      if (one) this.open(one.name, await bytesOfFile(one));
    };
    file.addEventListener("change", () => void take(file.files));
    const place = find("inspect");
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      void take(event.dataTransfer?.files);
    });
  }

  /** Opens a file; one that is no text is not in the editor. */
  private open(name: string, bytes: Uint8Array): void {
    this.editor.put(asText(bytes) ?? "");
    this.file = { name, bytes };
    this.look();
  }

  /** Looks at the text or the file. */
  private look(): void {
    const bytes = this.file?.bytes ?? new TextEncoder().encode(this.editor.text);
    this.given = { bytes, name: this.file?.name ?? PASTED, image: this.image.value };
    this.last = bytes.length > 0 ? this.library().payload(this.given) : null;
    this.done = [];
    this.draw();
  }

  /** Says everything in the chosen language. */
  speak(): void {
    this.editor.label(say("inspectText"));
    const unknown = this.image.options[0];
    if (unknown) put(unknown, say("inspectImageAny"));
    this.draw();
  }

  private draw(): void {
    const [found, parts] = [find("inspect-found"), find("inspect-result")];
    this.tell(this.last);
    put(find("inspect-name"), this.file ? `${this.file.name}, ${say("bytes", this.file.bytes.length)}` : "");
    if (!this.last) {
      this.editor.show([]);
      found.replaceChildren();
      parts.replaceChildren();
      return;
    }
    const { inspection, parameters, lint, texts } = this.last;
    this.editor.show(lint.filter((one) => one.place?.source === this.given.name), (one) => this.mend(one));
    this.openInner(texts, lint);
    found.replaceChildren(...(parameters ? [this.isParameters()] : this.findings(lint)));
    parts.replaceChildren(...described(inspection));
  }

  /** Says how it stands. */
  private tell(last: Payload | null): void {
    const status = find("inspect-status");
    const found = last?.lint ?? [];
    status.className = found.some((one) => one.severity === "error") ? "bad" : "good";
    const words = found.length === 0 ? say("lintNothing") : say("lintFound", count(found.length));
    put(status, !last || last.parameters ? "" : words);
  }

  private isParameters(): HTMLElement {
    const act = (): void => this.use(new TextDecoder().decode(this.given.bytes));
    return make(
      "p",
      { class: "banner" },
      say("inspectParameters"),
      " ",
      make("button", { type: "button", onclick: act }, say("inspectUse")),
    );
  }

  /** The texts inside of envelopes in which something was found, each in an editor. */
  private openInner(texts: Record<string, string>, lint: Message[]): void {
    const before = this.inner;
    this.inner = new Map();
    for (const [name, text] of Object.entries(texts)) {
      const known = before.get(name);
      const place = make("div");
      const element = make("details", { class: "part" }, make("summary", {}, make("b", { lang: "en" }, name)), place);
      const one = known ?? { editor: new Editor(place, { label: name, readOnly: true, hint: "inspect-hint" }), element };
      element.open = true;
      one.editor.put(text);
      one.editor.show(lint.filter((message) => message.place?.source === name));
      this.inner.set(name, one);
    }
  }

  private findings(lint: Message[]): HTMLElement[] {
    const done = this.done.map((title) => make("li", { lang: "en" }, title));
    const places: Acts["places"] = { [this.given.name]: (point: Point) => this.editor.go(point) };
    for (const [name, { editor, element }] of this.inner) {
      places[name] = (point) => {
        (element as HTMLDetailsElement).open = true;
        editor.go(point);
      };
    }
    const acts = { places, explain: (id: string) => this.library().explain(id), repair: (one: Message) => this.mend(one) };
    const repairs = lint.filter((one) => one.fix).length;
    const all = make("button", { type: "button", id: "inspect-repair", onclick: () => this.mendAll() }, say("repairAll"));
    return [
      ...(done.length > 0 ? [make("p", {}, say("repaired")), make("ul", {}, ...done)] : []),
      ...(repairs > 0 ? [make("p", {}, all)] : []),
      ...(lint.length > 0 ? [list(sorted(lint), acts)] : []),
      ...[...this.inner.values()].map(({ element }) => element),
    ];
  }

  /** Makes one repair in the text. */
  private mend({ fix }: Message): void {
    if (!fix) return;
    this.editor.edit(fix);
    this.done = [fix.title];
    this.draw();
    this.editor.view.focus();
  }

  /** Makes all repairs. */
  private mendAll(): void {
    const { text, done } = this.library().repair(this.given);
    if (text === undefined) return;
    this.editor.put(text);
    this.done = (done ?? []).map(([, title]) => title);
    this.draw();
    this.editor.view.focus();
  }
}

/** The text of a file with its byte order mark, if it is one. */
function asText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function described(one: Inspection): HTMLElement[] {
  const items = (all: string[], name: "ul" | "ol" = "ul", kind = "") =>
    make(name, { lang: "en" }, ...all.map((words) => make("li", kind ? { class: kind } : {}, words)));
  const found: HTMLElement[] = [make("p", {}, say("bytes", one.bytes))];
  if (one.layers.length > 0) {
    const layers = one.layers.map((layer) => `${layer.envelope}: ${say("bytes", layer.bytes)}`);
    found.push(make("h3", {}, say("envelopes")), items(layers, "ol"));
  }
  if (one.parts.length > 0) {
    const parts = one.parts.map((part) =>
      make(
        "li",
        {},
        make("b", {}, part.kind),
        ` ${part.name ?? say("noName")}, ${say("bytes", part.bytes)}: `,
        make("span", { lang: "en" }, part.action),
        items((part.files ?? []).map((file) => `${file.path} (${say("bytes", file.bytes)})`)),
      ),
    );
    found.push(make("h3", {}, say("parts")), make("ol", {}, ...parts));
  }
  if (one.warnings.length > 0) found.push(make("h3", {}, say("lost")), items(one.warnings, "ul", "error"));
  if (one.notes.length > 0) found.push(make("h3", {}, say("notes")), items(one.notes));
  const machines = one.machines ?? [];
  if (machines.length === 0) {
    found.push(make("h3", {}, say("fits")), make("p", { lang: "en" }, one.fits.join(", ") || say("fitsNothing")));
  }
  for (const machine of machines) {
    found.push(make("h3", {}, say("machineOf", machine.machine ?? "")), ...described(machine));
  }
  return found;
}
