// User-data in parts that can be folded, each with what it is for. Put together again they are the
// whole text, byte by byte.

import type { Word } from "./words";

export type Section = { title: string; about: Word; text: string; open: boolean };

const FILES: [RegExp, Word][] = [
  [/^\/etc\/bootseed\/machine\.yaml$/, "partMachine"],
  [/^\/usr\/local\/sbin\/bootseed-provision$/, "partProgram"],
  [/\/status\.html$/, "partStatus"],
  [/^\/etc\/(nginx|apache2)\//, "partSite"],
  [/\.(service|timer|path)$/, "partUnit"],
];

const RUN: Record<string, Word> = { bootcmd: "partEarly", runcmd: "partRun" };

/** The parts of a cloud-config; any other text is one part. */
export function sections(text: string): Section[] {
  if (!text.startsWith("#cloud-config")) return [{ title: "", about: "partFile", text, open: true }];
  const found: Section[] = [];
  let inFiles = false;
  for (const line of text.split(/(?<=\n)/)) {
    const key = /^([A-Za-z_][\w-]*):/.exec(line)?.[1];
    const path = inFiles ? /^- path: (.*)\n?$/.exec(line)?.[1] : undefined;
    if (key) {
      inFiles = key === "write_files";
      const about: Word = inFiles ? "partFiles" : (RUN[key] ?? "partKey");
      found.push({ title: key, about, text: line, open: false });
    } else if (path) {
      const name = path.replace(/^(["'])(.*)\1$/, "$2");
      const about = FILES.find(([pattern]) => pattern.test(name))?.[1] ?? "partFile";
      found.push({ title: name, about, text: line, open: about === "partMachine" });
    } else {
      const last = found[found.length - 1];
      if (last) last.text += line;
      else found.push({ title: "#cloud-config", about: "partHead", text: line, open: true });
    }
  }
  return joined(found);
}

/** Short keys that stand together are one part. */
function joined(all: Section[]): Section[] {
  const found: Section[] = [];
  for (const one of all) {
    const last = found[found.length - 1];
    if (last && one.about === "partKey" && last.about === "partKey") {
      last.title += `, ${one.title}`;
      last.text += one.text;
    } else {
      found.push({ ...one });
    }
  }
  return found;
}
