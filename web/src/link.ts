// A link that carries the parameters behind its #, which no browser sends to a server.

import { deflateSync, inflateSync } from "fflate";

import { withoutAll } from "./document";
import type { Path } from "./document";
import type { Library } from "./module";
import { fromBase64, toBase64 } from "./module";

export type Carried = { text: string; destination?: string; language?: string };

/** A longer one carries no parameter file that somebody wrote. */
const MOST = 1 << 16;

/** The link, and what was left out of it; `null` where the parameters cannot be read. */
export function make(
  library: Library,
  carried: Carried,
  address: string,
): { link: string; left: string[]; bare: boolean } | null {
  const first = library.secrets(carried.text);
  if (!first.paths) return null;
  const paths: Path[] = first.paths;
  let text = paths.length > 0 ? withoutAll(carried.text, paths, false) : carried.text;
  const bare = library.secrets(text).tokens === true;
  if (bare) text = withoutAll(text, [], true);
  const last = library.secrets(text);
  if (last.tokens !== false || (last.paths ?? []).length > 0) return null;
  const parts = new URLSearchParams();
  parts.set("p", packed(text));
  if (carried.destination) parts.set("for", carried.destination);
  if (carried.language) parts.set("lang", carried.language);
  return { link: `${address.split("#")[0]}#${parts}`, left: paths.map(shown), bare };
}

/** What a link carries; `null` if it is damaged. Without parameters the text is empty. */
export function open(fragment: string): Carried | null {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const [destination, language] = [parts.get("for") ?? undefined, parts.get("lang") ?? undefined];
  const text = parts.get("p");
  try {
    return { text: text === null ? "" : unpacked(text), destination, language };
  } catch {
    return null;
  }
}

function packed(text: string): string {
  const bytes = deflateSync(new TextEncoder().encode(text), { level: 9 });
  return toBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function unpacked(text: string): string {
  if (text.length > MOST) throw new Error("too long");
  const bytes = inflateSync(fromBase64(text.replace(/-/g, "+").replace(/_/g, "/")));
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

function shown(path: Path): string {
  return path.map((one, at) => (typeof one === "number" ? `[${one}]` : at === 0 ? one : `.${one}`)).join("");
}
