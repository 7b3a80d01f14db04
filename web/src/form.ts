// The fields: what the document has, and back into it.

import { make, put } from "./dom";
import { range, read, value, withList, withValue, words } from "./document";
import { offset } from "./editor";
import { FIELDS, GROUPS } from "./fields";
import type { Field } from "./fields";
import { korean } from "./korean";
import type { Message } from "./module";
import { language } from "./words";

type Shown = { field: Field; input: HTMLInputElement; label: HTMLElement; about: HTMLElement; wrong: HTMLElement };

export class Form {
  private readonly shown: Shown[] = [];
  private readonly legends: HTMLElement[] = [];
  private readonly sets: HTMLFieldSetElement[] = [];

  /** `changed` gets the text of the document with the new value. */
  constructor(parent: HTMLElement, text: () => string, changed: (text: string) => void) {
    for (const group of GROUPS) {
      const legend = make("legend");
      const set = make("fieldset", { id: `group-${group.id}` }, legend);
      for (const field of group.fields) set.append(this.field(field, text, changed));
      this.legends.push(legend);
      this.sets.push(set);
      parent.append(set);
    }
  }

  private field(field: Field, text: () => string, changed: (text: string) => void): HTMLElement {
    const id = `field-${field.id}`;
    const input = make("input", {
      id,
      type: field.kind === "password" ? "password" : "text",
      autocomplete: field.kind === "password" ? "new-password" : "off",
      autocapitalize: "none",
      spellcheck: "false",
      placeholder: field.example,
      "aria-describedby": `${id}-about ${id}-wrong`,
    });
    const label = make("label", { for: id });
    const about = make("p", { id: `${id}-about`, class: "about" });
    const wrong = make("p", { id: `${id}-wrong`, class: "wrong" });
    input.addEventListener("input", () => {
      const typed = input.value;
      const next =
        field.kind === "list"
          ? withList(text(), field.path, words(typed))
          : withValue(text(), field.path, typed.trim());
      changed(next);
    });
    this.shown.push({ field, input, label, about, wrong });
    return make("div", { class: "field" }, label, input, about, wrong);
  }

  /** Says everything in the chosen language. */
  speak(): void {
    GROUPS.forEach((group, at) => put(this.legends[at] as HTMLElement, group.label[language()]));
    for (const { field, label, about } of this.shown) {
      put(label, field.label[language()]);
      put(about, field.about[language()]);
    }
  }

  /** Shows what a text has, with its mistakes. `false` if it cannot be read. */
  show(text: string, messages: Message[]): boolean {
    const document = read(text);
    for (const set of this.sets) set.disabled = !document && !set.contains(globalThis.document.activeElement);
    if (!document) return false;
    for (const { field, input, wrong } of this.shown) {
      const there = value(document, field.path);
      const same =
        field.kind === "list" ? words(input.value).join() === words(there).join() : input.value.trim() === there;
      if (!same) input.value = there;
      const place = range(document, field.path);
      const own = messages.filter((one) => {
        if (!place || !one.place?.start) return false;
        const at = offset(text, one.place.start);
        return place[0] <= at && at <= place[1];
      });
      const lines = own.flatMap(told);
      // Only what is another is read out.
      const [before, now] = [[...wrong.children], lines].map((all) => all.map((line) => line.textContent).join("\n"));
      if (before !== now) wrong.replaceChildren(...lines);
      const isWrong = own.some((one) => one.severity === "error");
      if (isWrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    return true;
  }
}

/** A message in a line or two. */
function told({ id, message, help }: Message): HTMLElement[] {
  const own = id ? korean("mistake", id) : undefined;
  const english = make("span", { lang: "en" }, help ? `${message}: ${help}` : message);
  return own === undefined ? [english] : [make("span", {}, own), english];
}

export { FIELDS };
