// Puts the page together: module, script and style in one HTML file that asks for nothing.
//
//     node bundle.mjs MODULE.wasm PAGE.html

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const [, , module, page] = process.argv;
const source = join(dirname(fileURLToPath(import.meta.url)), "src");

const text = (name) => readFileSync(join(source, name), "utf8");
const options = { bundle: true, minify: true, write: false, charset: "utf8", legalComments: "none" };

async function bundled(name, more = {}) {
  const made = await build({ ...options, ...more, entryPoints: [join(source, name)] });
  // What a page has in itself must not end it.
  return made.outputFiles[0].text.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

/** xz in letters: src/unpack.ts. */
function packed(bytes) {
  const xz = spawnSync("xz", ["--format=xz", "--check=crc32", "--lzma2=preset=9e,pb=0", "--stdout"], { input: bytes, maxBuffer: 1 << 28 });
  if (xz.error) throw xz.error;
  if (xz.status !== 0) throw new Error(`xz: ${xz.stderr}`);
  return { bytes: xz.stdout.length, text: toLetters(xz.stdout) };
}

const { toLetters } = await import(`data:text/javascript,${encodeURIComponent(await bundled("letters.ts", { format: "esm" }))}`);

const hash = (script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

const script = await bundled("main.ts", { format: "iife", target: "es2022" });
const loader = await bundled("loader.ts", { format: "iife", target: "es2022" });
const style = await bundled("page.css");
const [module_, script_] = [packed(readFileSync(module)), packed(script)];
const policy = [
  "default-src 'none'",
  `script-src ${hash(loader)} ${hash(script)} 'wasm-unsafe-eval'`,
  // The editor makes its styles as the page runs.
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const put = { POLICY: policy, STYLE: style, LOADER: loader, SCRIPT: script_.text, MODULE: module_.text };
const html = text("page.html").replace(/@([A-Z]+)@/g, (_, name) => put[name]);
writeFileSync(page, html);
const sizes = { module: module_.bytes, script: script_.bytes, page: Buffer.byteLength(html) };
console.log(Object.entries(sizes).map(([name, bytes]) => `${name}: ${bytes} bytes`).join(", "));
