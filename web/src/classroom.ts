// A class: a roster in, an archive with the machines of everybody out, without leaving the page.

import { bytesOfFile, download, find, make, put } from "./dom";
import { list } from "./messages";
import { bytesOf } from "./module";
import type { Class, Library } from "./module";
import { zip } from "./result";
import { say } from "./words";

/** What is kept from time to time, by the names of the files in the archive. */
const OLD = { "credentials.csv": "credentials", "tokens.csv": "tokens" } as const;

type Old = keyof typeof OLD;

export class Classroom {
  private roster: { name: string; bytes: Uint8Array } | null = null;
  /** Passwords and tokens of the last time: of a file, or of what was made here before. */
  private readonly old = new Map<Old, Uint8Array>();
  /** Those of them that are of a file. */
  private readonly given = new Set<Old>();
  /** Files that are still being read. */
  private reading: Promise<unknown> = Promise.resolve();
  private answer: { made: Class; roster: string } | null = null;

  constructor(
    private readonly library: () => Library,
    private readonly text: () => string,
    private readonly destination: () => string,
  ) {
    const place = find("class");
    for (const id of ["roster", "class-old"]) {
      const input = find<HTMLInputElement>(id);
      input.addEventListener("change", () => this.take(input.files));
    }
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
    place.addEventListener("dragleave", () => place.classList.remove("over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      this.take(event.dataTransfer?.files, true);
    });
    find("class-make").addEventListener("click", () => void this.make());
  }

  /** Takes files, which are known by their names. Of those that were dropped no field says them. */
  private take(files: FileList | null | undefined, dropped = false): void {
    const all = [...(files ?? [])];
    this.reading = Promise.all([this.reading, ...all.map((file) => this.read(file))]);
    put(find("roster-name"), dropped ? all.map((file) => file.name).join(", ") : "");
    this.answer = null;
    this.draw();
  }

  private async read(file: File): Promise<void> {
    const bytes = await bytesOfFile(file);
    if (file.name in OLD) {
      this.old.set(file.name as Old, bytes);
      this.given.add(file.name as Old);
    } else {
      this.roster = { name: file.name, bytes };
    }
  }

  private async make(): Promise<void> {
    await this.reading;
    const name = find<HTMLInputElement>("class-name").value.trim() || "class";
    const { roster } = this;
    if (!roster) {
      find("class-result").replaceChildren(make("p", { class: "banner" }, say("classFirst")));
      return;
    }
    const account = find<HTMLInputElement>("class-account").value.trim() || undefined;
    // Without the account, only a file says that there are passwords.
    const counts = ([file]: [Old, Uint8Array]): boolean => file === "tokens.csv" || account !== undefined || this.given.has(file);
    const old = Object.fromEntries([...this.old].filter(counts).map(([file, bytes]) => [OLD[file], bytes]));
    const asked = { roster, class: name, destination: this.destination(), account, ...old };
    const made = this.library().class(this.text(), asked);
    this.answer = { made, roster: roster.name };
    this.draw();
    if (!made.files) return;
    for (const file of made.files) if (file.name in OLD) this.old.set(file.name as Old, bytesOf(file));
    const folder = name.replace(/[^\p{L}\p{N}_.-]/gu, "_");
    download(`${folder}.zip`, zip(made.files, `${folder}/`));
  }

  draw(): void {
    const parent = find("class-result");
    if (!this.answer) {
      parent.replaceChildren();
      return;
    }
    const { made, roster } = this.answer;
    const names = (made.files ?? []).map((file) => file.name);
    const private_ = names.filter((name) => name in OLD).join(", ");
    const skipped = made.skipped ?? 0;
    parent.replaceChildren(
      ...(made.files
        ? [make("p", { class: "good" }, say("classMade", made.students ?? 0, roster, made.found ?? ""))]
        : []),
      ...(private_ !== "" ? [make("p", { class: "note" }, say("classPrivate", private_))] : []),
      ...(skipped > 0 ? [make("p", {}, say("classSkipped", skipped))] : []),
      ...(made.notes ?? []).map((note) => make("p", { class: "note", lang: "en" }, note)),
      ...(made.messages.length > 0 ? [list(made.messages)] : []),
    );
  }
}
