// Messages of the library, as a list whose places can be gone to.

import { make } from "./dom";
import { korean } from "./korean";
import type { Explanation, Message, Point, Severity } from "./module";
import { say } from "./words";
import type { Word } from "./words";

/** What can be done about a message. */
export type Acts = {
  /** The texts that are shown, by their names: the first is the one that is meant without a word. */
  places?: Record<string, (point: Point) => void>;
  /** What the id of a message means. */
  explain?: (id: string) => Explanation;
  /** Makes the repair of a message. */
  repair?: (message: Message) => void;
};

const ORDER: Severity[] = ["error", "warning", "hint", "note"];

const NAMES: Record<Severity, Word> = { error: "error", warning: "warning", hint: "hint", note: "note" };

/** The worst first; those that are as bad stay in the order of the file. */
export function sorted(messages: Message[]): Message[] {
  return [...messages].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/** The messages, one below the other. */
export function list(messages: Message[], acts: Acts = {}): HTMLElement {
  return make("ol", { class: "messages" }, ...messages.map((one) => item(one, acts)));
}

function item(one: Message, acts: Acts): HTMLElement {
  const { place, id, fix } = one;
  const own = Object.keys(acts.places ?? {})[0];
  const foreign = place && place.source !== own && place.source !== "parameters" ? place.source : "";
  const start = place?.start;
  const act = place && acts.places?.[place.source];
  const line = start ? say("line", start.line) : "";
  const where = [foreign, line].filter((words) => words !== "").join(", ");
  const button =
    start && act
      ? make("button", { type: "button", class: "place", onclick: () => act(start) }, where)
      : where !== "" && make("span", { class: "place" }, where);
  return make(
    "li",
    { class: one.severity },
    make("b", { class: "severity" }, say(NAMES[one.severity])),
    " ",
    button,
    id && said(id),
    make("span", { class: "said", lang: "en" }, one.message),
    one.help && make("span", { class: "help", lang: "en" }, one.help),
    fix && acts.repair && repair(one, fix.title, acts.repair),
    id && acts.explain && explained(id, acts.explain),
  );
}

/** What is wrong, in Korean where that is wanted and known. */
function said(id: string): HTMLElement | undefined {
  const words = korean("mistake", id);
  return words === undefined ? undefined : make("span", { class: "said own" }, words);
}

function repair(one: Message, title: string, act: (message: Message) => void): HTMLElement {
  const words = make("span", { lang: "en" }, title);
  return make("button", { type: "button", class: "repair", onclick: () => act(one) }, `${say("repair")}: `, words);
}

/** What an id means, looked up when it is asked for. */
function explained(id: string, explain: (id: string) => Explanation): HTMLElement {
  const body = make("div", { class: "explained", lang: "en" });
  const details = make("details", { class: "explain" }, make("summary", {}, make("code", { lang: "en" }, id), " ", say("explain")), body);
  details.addEventListener("toggle", () => {
    if (details.open && body.childElementCount === 0) body.append(...explanation(explain(id)));
  });
  return details;
}

function explanation(one: Explanation): HTMLElement[] {
  const titled = (word: Word, content: HTMLElement): HTMLElement =>
    make("div", {}, make("b", { lang: document.documentElement.lang }, say(word)), content);
  const text = (words: string): HTMLElement => make("p", {}, words);
  const code = (words: string, label: Word): HTMLElement =>
    make("pre", { tabindex: "0", role: "region", "aria-label": say(label) }, words.trimEnd());
  const evidence = (one.evidence ?? []).map((words) => make("li", {}, words));
  return [
    text(`${one.summary ?? ""}.`),
    one.boot && titled("explainBoot", text(one.boot)),
    one.advice && titled("explainAdvice", text(one.advice)),
    one.bad && titled("explainBad", code(one.bad, "explainBad")),
    one.good && titled("explainGood", code(one.good, "explainGood")),
    evidence.length > 0 && titled("explainEvidence", make("ul", { class: "evidence" }, ...evidence)),
  ].filter((part): part is HTMLElement => !!part);
}
