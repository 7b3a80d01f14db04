// The library, as a module for the browser: a request as JSON in, an answer as JSON out.

import { browser } from "./browser";

export type Point = { line: number; column: number };
export type Spot = { source: string; start: Point | null; end: Point | null };
export type Severity = "error" | "warning" | "hint" | "note";
export type Fix = { title: string; edits: { place: Spot; text: string }[] };
export type Message = {
  severity: Severity;
  id: string | null;
  message: string;
  help: string | null;
  place: Spot | null;
  related: { message: string; place: Spot }[];
  fix?: Fix;
};
export type OutFile = { name: string; bytes: number; text?: string; base64?: string };
export type Size = {
  destination: string;
  bytes: number;
  limit: number | null;
  unit: string;
  compressed: boolean;
  fits: boolean;
  fits_compressed: boolean;
};
export type Summary = {
  distro: string;
  image: string;
  before: string[];
  steps: { step: string; does: string }[];
  also: string[];
  downloads: { arch: string; url: string; sha256: string }[];
  download_mb: number;
  volume_gb: number;
  memory_mb: number;
  size: Size;
};
export type Machine = {
  files: OutFile[];
  notes: string[];
  document: string;
  words: string;
  summary: Summary;
  launch: { needs: string; port: number | null; secret: boolean };
};
export type Schema = {
  description?: string;
  type?: string | string[];
  enum?: string[];
  oneOf?: { const?: string; description?: string }[];
  anyOf?: Schema[];
  examples?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
};
export type About = {
  version: string;
  presets: { name: string; about: string; text: string }[];
  destinations: { name: string; about: string; limit: { bytes: number; unit: string } | null }[];
  images: string[];
  schema: Schema;
};
export type Part = {
  name: string | null;
  kind: string;
  bytes: number;
  action: string;
  used: boolean;
  files?: { path: string; bytes: number; encoding?: string | null }[];
};
export type Inspection = {
  machine?: string;
  bytes: number;
  layers: { envelope: string; bytes: number }[];
  parts: Part[];
  warnings: string[];
  notes: string[];
  fits: string[];
  machines?: Inspection[];
};
/** User-data of any origin: its bytes, what it is called, and the image it is for, or "". */
export type Given = { bytes: Uint8Array; name: string; image: string };
/** What is in it, what will go wrong with it, and the texts inside of envelopes that this is about. */
export type Payload = {
  inspection: Inspection;
  parameters: boolean;
  lint: Message[];
  texts: Record<string, string>;
};
export type Explanation = {
  summary?: string;
  boot?: string;
  advice?: string;
  bad?: string;
  good?: string;
  evidence?: string[];
};
export type Class = {
  messages: Message[];
  notes?: string[];
  found?: string;
  students?: number;
  skipped?: number;
  files?: OutFile[];
};
/** A roster, and what a class is made with. */
export type Classroom = {
  roster: { name: string; bytes: Uint8Array };
  class: string;
  destination?: string;
  /** Gets a password of its own on each machine. */
  account?: string;
  /** `credentials.csv` and `tokens.csv` of the last time. */
  credentials?: Uint8Array;
  tokens?: Uint8Array;
};

type Exports = {
  memory: WebAssembly.Memory;
  bootseed_room(length: number): number;
  bootseed_answer(room: number, length: number): number;
  bootseed_free(answer: number): void;
};

export class Library {
  private constructor(private readonly exports: Exports) {}

  /** The module from its bytes. What else a crate of it would import is never called. */
  static async open(bytes: BufferSource): Promise<Library> {
    const module = await WebAssembly.compile(bytes);
    const imports: Record<string, Record<string, (...values: number[]) => number | void>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = () => {
        throw new Error(`${name} is not there`);
      };
    }
    imports["browser"] = browser(() => exports.memory);
    const instance = await WebAssembly.instantiate(module, imports);
    const exports = instance.exports as unknown as Exports;
    return new Library(exports);
  }

  about(): About {
    return this.ask({ ask: "about" }) as About;
  }

  machine(text: string, destination?: string): { messages: Message[]; machine?: Machine } {
    return this.ask({ ask: "machine", text, destination }) as never;
  }

  payload(given: Given): Payload {
    return this.ask(asked("payload", given)) as Payload;
  }

  /** User-data with all safe repairs; no text if there are none. */
  repair(given: Given): { text?: string; done?: [string, string][] } {
    return this.ask(asked("repair", given)) as never;
  }

  /** What the id of a finding means. */
  explain(id: string): Explanation {
    return this.ask({ ask: "explain", id }) as Explanation;
  }

  class(text: string, { roster, credentials, tokens, ...rest }: Classroom): Class {
    const old = { credentials: credentials && toBase64(credentials), tokens: tokens && toBase64(tokens) };
    const list = { roster: roster.name, base64: toBase64(roster.bytes) };
    return this.ask({ ask: "class", text, ...list, ...old, ...rest }) as Class;
  }

  /** Where there are secrets in parameters, and whether anything in them looks like one. */
  secrets(text: string): { paths?: (string | number)[][]; tokens?: boolean; failure?: string } {
    return this.ask({ ask: "secret", text }) as never;
  }

  ask(request: object): unknown {
    const { memory, bootseed_room, bootseed_answer, bootseed_free } = this.exports;
    const json = JSON.stringify(request, (_, value: unknown) => (typeof value === "string" ? wellFormed(value) : value));
    const bytes = new TextEncoder().encode(json);
    const room = bootseed_room(bytes.length);
    new Uint8Array(memory.buffer, room, bytes.length).set(bytes);
    const answer = bootseed_answer(room, bytes.length);
    const length = new DataView(memory.buffer).getUint32(answer, true);
    const text = new TextDecoder().decode(new Uint8Array(memory.buffer, answer + 4, length));
    bootseed_free(answer);
    return JSON.parse(text);
  }
}

function asked(ask: string, { bytes, name, image }: Given): object {
  return { ask, base64: toBase64(bytes), name, image: image === "" ? undefined : image };
}

/** The text with U+FFFD in the place of halves of characters, which no UTF-8 has. */
function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}

const PIECE = 0x8000;

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

/** The bytes of a file of the result. */
export function bytesOf(file: OutFile): Uint8Array<ArrayBuffer> {
  return file.text === undefined ? fromBase64(file.base64 ?? "") : new TextEncoder().encode(file.text);
}
