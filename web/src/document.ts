// The parameter file as a document: reading and changing one value, and leaving all else as it is,
// comments and spaces too.

import { Document, isCollection, isMap, isPair, isScalar, isSeq, Pair, parseDocument, Scalar, YAMLSeq } from "yaml";
import type { Node } from "yaml";

export type Path = (string | number)[];

const OPTIONS = { lineWidth: 0, flowCollectionPadding: false } as const;

/** A document that was parsed; `null` where it cannot be read at all. */
export function read(text: string): Document | null {
  const document = parseDocument(text, { logLevel: "silent", version: "1.2" });
  return document.errors.length > 0 ? null : document;
}

/** The value at a path as a person types it; a list with commas. */
export function value(document: Document, path: Path): string {
  const node = document.getIn(path, true) as Node | undefined;
  if (isScalar(node)) return node.value === null ? "" : (node.source ?? String(node.value));
  if (isSeq(node)) {
    const words = node.items.map((item) => (isScalar(item) ? (item.source ?? String(item.value)) : "…"));
    return words.join(", ");
  }
  return "";
}

/** Where the value at a path stands in the text. */
export function range(document: Document, path: Path): [number, number] | null {
  const node = document.getIn(path, true) as Node | undefined;
  return node?.range ? [node.range[0], node.range[1]] : null;
}

/** The text with another value at a path; an empty one takes it away. */
export function withValue(text: string, path: Path, words: string): string {
  const document = read(text);
  if (!document) return text;
  const old = document.getIn(path, true);
  if (words === "") return old === undefined ? text : without(document, path);
  if (isScalar(old) && old.range && old.range[1] > old.range[0] && isOneLine(old)) {
    return text.slice(0, old.range[0]) + written(words) + text.slice(old.range[1]);
  }
  document.setIn(path, scalar(words));
  return document.toString(OPTIONS);
}

/** The text with another list at a path. Items that were there keep their comments. */
export function withList(text: string, path: Path, words: string[]): string {
  const document = read(text);
  if (!document) return text;
  if (words.length === 0) return document.hasIn(path) ? without(document, path) : text;
  const old = document.getIn(path, true);
  const list = isSeq(old) ? old : new YAMLSeq();
  const known = isSeq(old) ? [...old.items] : [];
  list.items = words.map((word) => {
    const same = known.findIndex((item) => isScalar(item) && (item.source ?? String(item.value)) === word);
    return same < 0 ? scalar(word) : known.splice(same, 1)[0];
  });
  if (!isSeq(old)) document.setIn(path, list);
  return document.toString(OPTIONS);
}

/** Words with commas or spaces between them; what is in brackets or quotes stays together. */
export function words(text: string): string[] {
  return text.split(/,(?![^[(]*[\])])|\s+(?![<>=!~])/).map((word) => word.trim()).filter((word) => word !== "");
}

/** The text without the values at some paths, and without comments if `bare`. */
export function withoutAll(text: string, paths: Path[], bare: boolean): string {
  const document = read(text);
  if (!document) return "";
  for (const path of [...paths].reverse()) document.deleteIn(path);
  return bare ? new Document(document.toJS()).toString(OPTIONS) : document.toString(OPTIONS);
}

function without(document: Document, path: Path): string {
  document.deleteIn(path);
  // A list or map that has become empty says nothing, but for the one that was asked for.
  for (let length = path.length - 1; length > 0; length--) {
    const above = document.getIn(path.slice(0, length), true);
    if (!isCollection(above) || above.items.length > 0) break;
    document.deleteIn(path.slice(0, length));
  }
  if (isCollection(document.contents) && document.contents.items.length === 0) document.contents = null;
  const text = document.toString(OPTIONS);
  return text === "null\n" ? "" : text;
}

function isOneLine(node: Scalar): boolean {
  return node.type !== Scalar.BLOCK_FOLDED && node.type !== Scalar.BLOCK_LITERAL && !/\n/.test(node.source ?? "");
}

/** Words that need no quotes, as bootseed reads them: it takes `3.10` and `on` for what they look like. */
const PLAIN = /^[\p{L}\p{N}_/.~+][\p{L}\p{N}_/.~+=<>@-]*$/u;

function written(words: string): string {
  return PLAIN.test(words) && words !== "~" ? words : JSON.stringify(words);
}

function scalar(words: string): Scalar {
  const node = new Scalar<string | number>(words);
  if (PLAIN.test(words) && words !== "~") {
    // As typed: without quotes around 3.10.
    const number = Number(words);
    if (words.trim() !== "" && Number.isFinite(number)) {
      node.value = number;
      node.source = words;
      const digits = /^\d+\.(\d+)$/.exec(words)?.[1];
      if (digits) node.minFractionDigits = digits.length;
    }
  } else {
    node.type = Scalar.QUOTE_DOUBLE;
  }
  return node;
}

/** The shortest change that makes one text of another. */
export function change(old: string, text: string): { from: number; to: number; insert: string } | null {
  if (old === text) return null;
  let from = 0;
  while (from < old.length && from < text.length && old[from] === text[from]) from++;
  let [end, last] = [old.length, text.length];
  while (end > from && last > from && old[end - 1] === text[last - 1]) {
    end--;
    last--;
  }
  return { from, to: end, insert: text.slice(from, last) };
}

/** The path of keys to a place, without the places in lists. */
export function keysAt(document: Document, offset: number): string[] {
  const keys: string[] = [];
  let node: unknown = document.contents;
  while (node) {
    let next: unknown = null;
    if (isMap(node)) {
      for (const pair of node.items) {
        const key = isPair(pair) && isScalar((pair as Pair).key) ? ((pair as Pair).key as Scalar) : null;
        if (!key?.range) continue;
        const inner = (pair as Pair).value as Node | null;
        const end = inner?.range ? inner.range[2] : key.range[2];
        if (key.range[0] <= offset && offset <= end) {
          keys.push(String(key.value));
          next = offset > key.range[1] ? inner : null;
        }
      }
    } else if (isSeq(node)) {
      next = node.items.find((item) => {
        const place = (item as Node).range;
        return place && place[0] <= offset && offset <= place[2];
      });
    }
    node = next;
  }
  return keys;
}
