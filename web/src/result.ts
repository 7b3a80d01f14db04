// What comes out: the plan in words, the files with their parts, and what to choose in the launch
// form. While there are mistakes the last good result stays, marked as such, and is not copied.

import { zipSync } from "fflate";
import type { Zippable } from "fflate";

import { copy, download, make, put } from "./dom";
import { korean } from "./korean";
import type { Machine, OutFile } from "./module";
import { bytesOf } from "./module";
import { sections } from "./sections";
import { say } from "./words";

/** Files of zip archives have no other time than this, so that the same files are the same bytes. */
export const TIME = new Date(1980, 0, 1);

/** A text of which this many characters are shown. */
const SHOWN = 200_000;

export class Result {
  private machine: Machine | null = null;
  private destination = "";
  private stale = false;
  private drawn = "";

  constructor(
    private readonly parent: HTMLElement,
    private readonly choose: (destination: string) => void,
    private readonly told: (words: string) => void,
  ) {
    // What is stale cannot be marked and copied either.
    parent.addEventListener("copy", (event) => {
      if (this.stale) event.preventDefault();
    });
  }

  /** A new result, or none while there are mistakes. */
  show(machine: Machine | undefined, destination: string): void {
    if (machine) [this.machine, this.destination] = [machine, destination];
    this.stale = !machine;
    this.draw();
  }

  /** Draws all of it again, as in another language. */
  draw(): void {
    const { machine } = this;
    this.parent.classList.toggle("stale", this.stale && machine !== null);
    if (!machine) {
      this.drawn = "";
      this.parent.replaceChildren(make("p", { class: "banner" }, say("none")));
      return;
    }
    const key = JSON.stringify([machine, this.destination, this.stale, say("copy")]);
    if (key === this.drawn) return;
    this.drawn = key;
    const open = new Set([...this.parent.querySelectorAll("details[open]")].map((one) => one.id));
    const closed = new Set([...this.parent.querySelectorAll("details:not([open])")].map((one) => one.id));
    this.parent.replaceChildren(
      ...(this.stale ? [make("p", { class: "banner" }, say("stale"))] : []),
      this.words(machine),
      this.files(machine),
      ...this.launch(machine),
    );
    for (const one of this.parent.querySelectorAll("details")) {
      if (open.has(one.id)) one.open = true;
      if (closed.has(one.id)) one.open = false;
    }
  }

  private words({ summary }: Machine): HTMLElement {
    const { size } = summary;
    const rows = summary.steps.map(({ step, does }) => {
      const own = korean("step", step.replace(/:.*/s, ""));
      const name = make("b", { lang: "en" }, step);
      return make("li", {}, name, " ", own && make("span", { class: "own" }, `${own} `), make("span", { lang: "en" }, does));
    });
    const share = size.limit ? Math.round((100 * size.bytes) / size.limit) : 0;
    const words = size.limit ? say("sizeValue", size.bytes, size.limit, share) : say("sizeFree", size.bytes);
    const bar = size.limit && make("progress", { "aria-label": say("size"), max: `${size.limit}`, value: `${Math.min(size.bytes, size.limit)}` });
    const term = (name: string, ...value: (Node | string | null | false | 0)[]) =>
      make("div", {}, make("dt", {}, name), make("dd", {}, ...value.map((one) => one || "")));
    return make(
      "section",
      { "aria-labelledby": "plan-title" },
      make("h3", { id: "plan-title" }, say("plan")),
      summary.before.length > 0 && make("p", {}, `${say("first")}: `, make("span", { lang: "en" }, summary.before.join(", "))),
      make("ol", { class: "steps" }, ...rows),
      summary.also.length > 0 && make("p", {}, `${say("beside")}: `, make("span", { lang: "en" }, summary.also.join("; "))),
      make(
        "dl",
        {},
        term(say("disk"), say("diskValue", summary.volume_gb)),
        term(say("memory"), say("memoryValue", summary.memory_mb)),
        summary.download_mb > 0 && term(say("downloads"), `${summary.download_mb} MB`, this.downloads(summary.downloads)),
        term(`${say("size")} (${size.destination})`, words, bar || ""),
      ),
      this.tooLarge(size),
    );
  }

  private downloads(all: { arch: string; url: string; sha256: string }[]): HTMLElement {
    const items = all.map((one) => make("li", {}, `${one.arch}: `, make("code", {}, one.url), " sha256 ", make("code", {}, one.sha256)));
    return make("ul", { class: "downloads" }, ...items);
  }

  private tooLarge(size: Machine["summary"]["size"]): HTMLElement | null {
    if (size.fits) return null;
    if (!size.fits_compressed || this.destination !== "cloud-config") {
      return make("p", { class: "banner" }, say("tooLarge", size.destination));
    }
    const button = make("button", { type: "button", onclick: () => this.choose("aws-form") }, say("chooseForm"));
    return make("p", { class: "banner" }, say("tooLargeForm"), " ", button);
  }

  private files(machine: Machine): HTMLElement {
    const all = machine.files;
    const whole =
      all.length > 1 &&
      this.button(say("downloadAll", all.length), () => download("bootseed.zip", zip(all)));
    return make(
      "section",
      { "aria-labelledby": "files-title" },
      make("h3", { id: "files-title" }, say("userData")),
      ...machine.notes.map((note) => make("p", { class: "note", lang: "en" }, note)),
      whole && make("p", {}, whole),
      ...all.map((file, at) => this.file(file, machine, at)),
    );
  }

  private file(file: OutFile, machine: Machine, at: number): HTMLElement {
    const { text } = file;
    const buttons = make("p", { class: "buttons" });
    if (text !== undefined) {
      const button = this.button(say("copy"), () => {
        void copy(text).then((done) => this.told(say(done ? "copied" : "copyFailed")));
      });
      if (at === 0) button.id = "copy";
      button.classList.add("main");
      buttons.append(button);
    }
    buttons.append(this.button(say("download"), () => download(file.name, bytesOf(file))));
    buttons.append(make("span", {}, ` ${file.name}, ${say("bytes", file.bytes)}`));
    const parts = text === undefined ? [] : this.parts(text, at);
    if (text !== machine.document && at === 0) {
      parts.push(make("details", { id: "document" }, make("summary", {}, make("b", {}, "#cloud-config")), ...this.parts(machine.document, 99)));
    }
    return make("div", { class: "file" }, buttons, ...parts);
  }

  private parts(text: string, at: number): HTMLElement[] {
    return sections(text).map((one, place) => {
      const shown = one.text.length > SHOWN ? `${one.text.slice(0, SHOWN)}…` : one.text;
      const body = make("pre", { tabindex: "0", role: "region", "aria-label": one.title || say("userData") }, shown);
      if (one.title === "") return body;
      const bytes = new TextEncoder().encode(one.text).length;
      const head = make(
        "summary",
        {},
        make("b", { lang: "en" }, one.title),
        make("span", { class: "why" }, say(one.about)),
        make("small", {}, say("bytes", bytes)),
      );
      const details = make("details", { id: `part-${at}-${place}`, class: "part" }, head, body);
      details.open = one.open;
      return details;
    });
  }

  private launch(machine: Machine): HTMLElement[] {
    if (!["cloud-config", "aws-form"].includes(this.destination)) return [];
    const { summary, launch } = machine;
    const image = summary.distro === "debian" ? "Debian 13" : "Ubuntu, Ubuntu Server 24.04 LTS";
    const network =
      launch.port === null ? say("networkNone") : launch.port === 80 ? say("networkHttp") : say("networkPort", launch.port);
    const ticked = this.destination === "aws-form" && machine.notes.length > 0;
    const port = launch.port === 80 ? "" : `:${launch.port}`;
    const rows: [string, string][] = [
      [say("image"), image],
      [say("type"), say("typeValue", summary.memory_mb)],
      [say("key"), say("keyValue")],
      [say("network"), network],
      [say("storage"), say("storageValue", summary.volume_gb)],
      [say("advanced"), say(ticked ? "advancedTick" : "advancedPaste")],
      [say("then"), launch.port === null ? say("thenLog") : say("thenWeb", port)],
    ];
    const items = rows.map(([name, what]) => make("li", {}, make("b", {}, name), make("span", {}, what)));
    return [
      make(
        "section",
        { "aria-labelledby": "launch-title" },
        make("h3", { id: "launch-title" }, `${say("launch")} (EC2)`),
        make("ol", { class: "launch" }, ...items),
      ),
    ];
  }

  private button(words: string, act: () => void): HTMLButtonElement {
    const button = make("button", {
      type: "button",
      onclick: () => {
        if (!this.stale) act();
      },
    });
    put(button, words);
    button.disabled = this.stale;
    return button;
  }
}

/** Files in one archive: the same bytes from the same files. */
export function zip(files: OutFile[], folder = ""): Uint8Array<ArrayBuffer> {
  const entries: Zippable = {};
  for (const file of files) entries[folder + file.name] = [bytesOf(file), { mtime: TIME }];
  return zipSync(entries, { level: 9 }) as Uint8Array<ArrayBuffer>;
}
