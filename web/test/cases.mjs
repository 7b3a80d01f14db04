// Parameter files for the tests: those of the project, and as many generated ones as are asked for,
// the same every time.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { root } from "./tools.mjs";

/** Presets and examples, by name. */
export function own() {
  const folders = ["src/preset", "examples"].map((name) => join(root, name));
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") })),
  );
}

/** Files with mistakes that need no other file and no option. */
export function mistaken() {
  const folder = join(root, "tests/mistakes");
  const names = new Set(readdirSync(folder));
  return [...names]
    .filter((name) => name.endsWith(".yaml") && !names.has(name.replace(/yaml$/, "args")))
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

/** User-data of all kinds: the examples of the rules, bare and within envelopes, and bytes that are no text. */
export function userData() {
  const folder = join(root, "tests/lint");
  const found = [];
  for (const id of readdirSync(folder)) {
    const args = readdirSync(join(folder, id)).includes("args") ? readFileSync(join(folder, id, "args"), "utf8").trim().split("\n") : [];
    const image = args[0] === "--image" ? args[1] : "";
    // A page knows the image, and no version of cloud-init.
    if (args.length > 0 && image === "") continue;
    for (const kind of ["bad", "good"]) {
      const bytes = readFileSync(join(folder, id, `${kind}.yaml`));
      const one = (name, bytes) => found.push({ name: `${id}, ${kind}, ${name}`, bytes, args, image });
      one("bare", bytes);
      one("base64", Buffer.from(bytes.toString("base64")));
      one("gzip", gzipSync(bytes));
      one("lines of Windows", Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1"));
    }
  }
  const bare = (name, bytes) => found.push({ name, bytes, args: [], image: "" });
  bare("no text", Buffer.from([...Array(256).keys()]));
  bare("two parts", Buffer.from(MIME));
  return found;
}

const MIME = `Content-Type: multipart/mixed; boundary="x"
MIME-Version: 1.0

--x
Content-Type: text/cloud-config

#cloud-config
packges: [git]
--x
Content-Type: text/x-shellscript
Content-Transfer-Encoding: base64

IyEvYmluL3NoCmlmIFtbIGEgPT0gYiBdXTsgdGhlbiBlY2hvIDsgZmkK
--x--
`;

/** A generator of numbers from 0 to 1: mulberry32. */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TEXTS = ["hello", "안녕하세요", "on", "12:30", "a: b # c", "'", '"', "$HOME `id`", "<b>&amp;</b>", "\ttab", "😀", "{% raw %}"];

export function generated(many) {
  return Array.from({ length: many }, (_, seed) => ({ name: `generated ${seed}`, text: one(numbers(seed + 1)) }));
}

function one(random) {
  const some = (list) => list[Math.floor(random() * list.length)];
  const often = (share) => random() < share;
  const file = {};
  if (often(0.8)) file.hostname = `lab-${Math.floor(random() * 1000)}`;
  if (often(0.5)) file.timezone = some(["Asia/Seoul", "UTC", "Europe/Berlin"]);
  if (often(0.3)) file.distro = some(["ubuntu", "debian"]);
  if (often(0.3)) file.swap = some(["auto", "2G", "0"]);
  if (often(0.4)) file.packages = ["git", "htop", "nano"].filter(() => often(0.6));
  if (often(0.3)) file.users = [{ name: some(["mina", "kim"]), sudo: often(0.5), password_hash: "$6$salt$" + "a".repeat(86) }];
  if (often(0.6)) {
    file.conda = { distribution: some(["anaconda", "miniconda", "miniforge"]) };
    file.conda.environments = [{ name: some(["ai", "web", "data"]), python: some(["3.9", "3.12", "3.10"]), packages: ["numpy", "flask>=3"].filter(() => often(0.5)) }];
  }
  if (often(0.6)) file.web = { server: some(["nginx", "apache"]), index: `<h1>${some(TEXTS)}</h1>\n`, port: some([80, 8080]) };
  if (often(0.4)) file.files = [{ path: `/srv/note-${Math.floor(random() * 9)}`, content: TEXTS.filter(() => often(0.5)).join("\n"), mode: "0640" }];
  if (often(0.4)) file.run = [`echo '${some(["a", "b", "안녕"])}'`, ["printf", "%s", some(TEXTS)]];
  // One in ten has a mistake, and one in ten is too large for most places.
  if (often(0.1)) file.hostname = "lab kim";
  if (often(0.1)) file.timezoen = "Asia/Seoul";
  if (often(0.1)) file.cloud_config = { final_message: some(TEXTS).repeat(4000) };
  return JSON.stringify(file, null, 1);
}
