// What the schema says of a place in a parameter file: which keys and values there are, and what
// they mean.

import type { Schema } from "./module";

/** The schema below some keys; lists are looked through. */
export function below(schema: Schema, keys: string[]): Schema | null {
  let at: Schema | undefined = schema;
  for (const key of keys) {
    at = item(at)?.properties?.[key];
    if (!at) return null;
  }
  return at ?? null;
}

function item(schema: Schema | undefined): Schema | undefined {
  if (!schema) return undefined;
  if (schema.items) return item(schema.items);
  return schema.properties ? schema : (schema.anyOf?.find((one) => one.properties) ?? schema);
}

/** Keys of the map that is here. */
export function keys(schema: Schema): { name: string; about: string; inner: boolean }[] {
  const properties = Object.entries(item(schema)?.properties ?? {});
  return properties.map(([name, one]) => ({ name, about: about(one), inner: !!item(one)?.properties }));
}

/** Values that can be written here. */
export function values(schema: Schema): { name: string; about: string }[] {
  const one = schema.items ?? schema;
  if (one.type === "boolean") return ["true", "false"].map((name) => ({ name, about: "" }));
  const choices = (one.oneOf ?? []).flatMap((choice) =>
    choice.const === undefined ? [] : [{ name: choice.const, about: choice.description ?? "" }],
  );
  const names = [...(one.enum ?? []), ...(choices.length > 0 ? [] : (one.examples ?? []))];
  return [...choices, ...names.filter((name) => typeof name === "string").map((name) => ({ name, about: "" }))];
}

export function about(schema: Schema | null): string {
  return (schema?.description ?? "").replace(/\s+/g, " ").trim();
}

const LINE = /^(\s*)((?:- +)*)(?:(["']?)([A-Za-z0-9_]+)\3\s*:(?=\s|$)(.*))?/;

/** A line as YAML has it: where its key begins, where its first dash is, and what it says. */
function look(text: string): { key: number; dash: number | null; name: string; open: boolean } {
  const [, space = "", dashes = "", , name = "", rest = ""] = LINE.exec(text) ?? [];
  const dash = dashes === "" ? null : space.length;
  const open = name !== "" && /^\s*(#.*)?$/.test(rest);
  return { key: space.length + dashes.length, dash, name, open };
}

/** The keys above a line, by its indentation: the text may be half written. */
export function parents(lines: string[], line: number): string[] {
  const found: string[] = [];
  const own = look(lines[line] ?? "");
  let limit = own.dash === null ? own.key : own.dash + 1;
  for (let at = line - 1; at >= 0 && limit > 0; at--) {
    const text = lines[at] ?? "";
    if (text.trim() === "" || text.trimStart().startsWith("#")) continue;
    const { key, dash, name, open } = look(text);
    if (open && key < limit) {
      found.unshift(name);
      limit = dash === null ? key : dash + 1;
    } else if (dash !== null && dash < limit && key <= limit) {
      limit = dash + 1;
    }
  }
  return found;
}
