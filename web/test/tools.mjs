// What the tests share: the module in Node, the command, and counting.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const page = join(root, "target/web/bootseed.html");
const command = join(root, "target/debug/bootseed");

/** A module of the page's source, for Node. */
export async function source(name) {
  const outfile = join(root, "target/web/test", `${name}.mjs`);
  await build({ entryPoints: [join(root, "web/src", `${name}.ts`)], outfile, bundle: true, format: "esm", logLevel: "error" });
  return import(pathToFileURL(outfile));
}

/** The module that is in the page. */
export async function library() {
  const { Library } = await source("module");
  return Library.open(await moduleBytes());
}

export async function moduleBytes() {
  const { fromLetters } = await source("letters");
  const packed = /id="module">([^<]*)</.exec(readFileSync(page, "utf8"))[1];
  return spawnSync("xz", ["--decompress", "--stdout"], { input: fromLetters(packed), maxBuffer: 1 << 28 }).stdout;
}

/** Runs bootseed in a folder. */
export function bootseed(folder, ...words) {
  const ran = spawnSync(command, words, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
  if (ran.error) throw ran.error;
  return ran;
}

/** Calls `use` with an empty folder that is gone afterwards. */
export async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), "bootseed-page-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All files below a folder, or the one that it is, as name and bytes. */
export function filesBelow(place, name = "") {
  if (statSync(place).isFile()) return [[name, readFileSync(place)]];
  return readdirSync(place)
    .sort()
    .flatMap((one) => filesBelow(join(place, one), name ? `${name}/${one}` : one));
}

export function write(folder, name, text) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** The objects in a text that has one on each line. */
export function jsonLines(text) {
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

export function equal(is, should, what) {
  const [a, b] = [JSON.stringify(is), JSON.stringify(should)];
  if (a === b) return;
  let at = 0;
  while (a?.[at] === b?.[at]) at++;
  const near = (text) => (text ?? "nothing").slice(Math.max(0, at - 60), at + 200);
  throw new Error(`${what}\n    is     …${near(a)}\n    should …${near(b)}`);
}

export function ok(holds, what) {
  if (!holds) throw new Error(what);
}

const tests = [];

/** A test. */
export function test(name, body) {
  tests.push({ name, body });
}

/** Runs them one after the other; those whose name has a word of the call in it. */
export async function run(context) {
  const wanted = tests.filter(({ name }) => process.argv.slice(2).every((word) => name.includes(word)));
  let failed = 0;
  for (const { name, body } of wanted) {
    const start = Date.now();
    try {
      const said = await body(context);
      console.log(`ok ${name}${said ? `: ${said}` : ""} (${Date.now() - start} ms)`);
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}: ${error.stack ?? error}`);
    }
  }
  console.log(`${wanted.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || wanted.length === 0 ? 1 : 0;
}
