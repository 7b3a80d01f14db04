// The page: one document, seen as fields and as YAML, and what comes out of it.

import type {} from "./loader";
import { Classroom } from "./classroom";
import { copy, find, make, put } from "./dom";
import { Editor } from "./editor";
import { Form } from "./form";
import { Inspector } from "./inspect";
import { korean } from "./korean";
import * as link from "./link";
import { list } from "./messages";
import { Library } from "./module";
import type { About, Machine, Message, Point } from "./module";
import { Result } from "./result";
import { choose, count, language, preferred, say } from "./words";
import type { Language, Word } from "./words";

class Page {
  private readonly form: Form;
  private readonly editor: Editor;
  private readonly result: Result;
  private readonly inspector: Inspector;
  private readonly classroom: Classroom;
  private readonly destination = find<HTMLSelectElement>("destination");
  private messages: Message[] = [];
  private machine: Machine | undefined;

  constructor(
    private library: Library,
    private readonly about: About,
    private readonly anew: () => Promise<Library>,
  ) {
    const tell = (words: string): void => put(find("told"), words);
    this.result = new Result(find("result"), (name) => this.aim(name), tell);
    this.form = new Form(find("fields"), () => this.editor.text, (text) => this.editor.put(text));
    const changed = (): void => this.update();
    this.editor = new Editor(find("editor"), { label: say("editor"), schema: about.schema, hint: "editor-hint", changed });
    const library_ = (): Library => this.library;
    this.inspector = new Inspector(library_, about.images, (text) => this.open(text));
    this.classroom = new Classroom(library_, () => this.editor.text, () => this.destination.value);
    this.destination.append(...about.destinations.map(({ name }) => make("option", { value: name })));
    this.destination.addEventListener("change", () => this.update());
    for (const one of ["en", "ko"] as const) {
      find(`language-${one}`).addEventListener("click", () => this.speak(one));
    }
    find("share-make").addEventListener("click", () => void this.share(tell));
    addEventListener("hashchange", () => this.follow());
  }

  /** Begins with what the link carries, or the first preset. */
  begin(): void {
    this.speak(preferred(navigator.languages));
    if (!this.follow()) this.open(this.about.presets[0]?.text ?? "");
  }

  /** The cards and destinations, in the chosen language. */
  private choices(): void {
    const cards = this.about.presets.map((preset) =>
      make(
        "button",
        { type: "button", class: "card", onclick: () => this.open(preset.text) },
        make("b", { lang: "en" }, preset.name),
        named("span", korean("preset", preset.name), preset.about),
      ),
    );
    find("presets").replaceChildren(...cards);
    this.mark();
    this.about.destinations.forEach(({ name, about }, at) => {
      const option = this.destination.options[at];
      if (option) put(option, `${name}: ${korean("destination", name) ?? about}`);
    });
  }

  /** Marks the preset that the text is, as long as it is. */
  private mark(): void {
    const { text } = this.editor;
    [...find("presets").children].forEach((card, at) => {
      card.setAttribute("aria-pressed", String(this.about.presets[at]?.text === text));
    });
  }

  private open(text: string): void {
    this.editor.put(text);
    this.update();
  }

  private aim(destination: string): void {
    this.destination.value = destination;
    this.update();
  }

  /** Makes everything anew from the text. */
  private update(): void {
    const { text } = this.editor;
    const made = this.made(text);
    if (!made) return;
    put(find("told"), "");
    this.messages = made.messages;
    this.machine = made.machine;
    this.editor.show(this.messages);
    this.mark();
    const shown = this.form.show(text, this.messages);
    find("fields-broken").hidden = shown;
    this.result.show(this.machine, this.destination.value);
    this.tell();
  }

  /** What the library says. Should it come to a stop, it is started anew. */
  private made(text: string): { messages: Message[]; machine?: Machine } | null {
    try {
      return this.library.machine(text, this.destination.value);
    } catch {
      put(find("told"), say("again"));
      void this.anew().then((library) => (this.library = library));
      return null;
    }
  }

  /** Says how it stands. */
  private tell(): void {
    const wrong = this.messages.filter((one) => one.severity === "error");
    const odd = this.messages.filter((one) => one.severity !== "error");
    const status = find("status");
    status.className = wrong.length > 0 ? "bad" : "good";
    const fine = odd.length > 0 ? say("okWarned", count(odd.length)) : say("ok");
    put(status, wrong.length > 0 ? say("wrong", count(wrong.length)) : fine);
    const places = { parameters: (point: Point): void => this.editor.go(point) };
    find("messages").replaceChildren(
      ...(wrong.length > 0 ? [make("h3", {}, say("mistakes")), list(wrong, { places })] : []),
      ...(odd.length > 0 ? [make("h3", {}, say("warnings")), list(odd, { places })] : []),
    );
  }

  private speak(next: Language): void {
    choose(next);
    document.documentElement.lang = next;
    for (const element of document.querySelectorAll<HTMLElement>("[data-say]")) {
      put(element, say(element.dataset["say"] as Word));
    }
    for (const one of ["en", "ko"]) find(`language-${one}`).setAttribute("aria-pressed", String(one === next));
    document.title = `bootseed: ${say("title")}`;
    this.choices();
    put(find("version"), say("version", this.about.version));
    this.editor.label(say("editor"));
    this.form.speak();
    this.result.draw();
    this.inspector.speak();
    this.classroom.draw();
    this.tell();
  }

  /** Opens what the link carries. `false` if there is nothing. */
  private follow(): boolean {
    if (location.hash.length < 2) return false;
    const carried = link.open(location.hash);
    const note = find("opened");
    note.hidden = false;
    if (!carried) {
      put(note, say("shareDamaged"));
      return false;
    }
    if (carried.language === "ko" || carried.language === "en") this.speak(carried.language);
    if (this.about.destinations.some((one) => one.name === carried.destination)) {
      this.destination.value = carried.destination ?? "";
    }
    note.hidden = carried.text === "";
    put(note, say("shareOpened"));
    if (carried.text === "") return false;
    this.open(carried.text);
    return true;
  }

  private async share(tell: (words: string) => void): Promise<void> {
    const destination = this.destination.selectedIndex > 0 ? this.destination.value : undefined;
    const carried = { text: this.editor.text, destination, language: language() };
    const made = link.make(this.library, carried, location.href);
    const place = find("share-result");
    if (!made) {
      place.replaceChildren(make("p", { class: "banner" }, say("shareBroken")));
      return;
    }
    const input = make("input", { id: "share-link", type: "url", readonly: true, value: made.link });
    place.replaceChildren(
      make("label", { for: "share-link" }, say("shareLink")),
      input,
      made.left.length > 0 && make("p", { class: "note" }, say("shareLeft", made.left.join(", "))) || "",
      made.bare && make("p", { class: "note" }, say("shareBare")) || "",
    );
    input.select();
    tell(say((await copy(made.link)) ? "shareCopied" : "copyFailed"));
  }
}

/** Words in the chosen language, or else in English, which is said to be that. */
function named(tag: "span", own: string | undefined, english: string): HTMLElement {
  return own === undefined ? make(tag, { lang: "en" }, english) : make(tag, {}, own);
}

async function start(): Promise<void> {
  choose(preferred(navigator.languages));
  const framed = window.top !== window;
  document.documentElement.classList.toggle("framed", framed);
  try {
    const bytes = await globalThis.packedModule;
    const library = await Library.open(bytes);
    const page = new Page(library, library.about(), () => Library.open(bytes));
    // Shown first: the editor measures its lines.
    find("loading").hidden = true;
    find("main").hidden = false;
    page.begin();
    document.documentElement.dataset["ready"] = "yes";
  } catch (error) {
    put(find("loading"), say("failed", String(error)));
    throw error;
  }
}

void start();
