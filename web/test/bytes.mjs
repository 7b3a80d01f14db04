// Does the module say what the command says, byte by byte? In Node, with the module of the page.
//
//     node web/test/bytes.mjs

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { generated, mistaken, own, userData } from "./cases.mjs";
import { bootseed, equal, filesBelow, inFolder, jsonLines, library, moduleBytes, ok, page, root, run, source, test, write } from "./tools.mjs";

/** Files of this computer are the command's alone. */
const LOCAL = "local-file";

/** What the command makes of a text: files, or messages. */
function made(folder, text, destination) {
  write(folder, "parameters", text);
  const place = `out-${destination}`;
  const ran = bootseed(folder, "render", "parameters", "--for", destination, "-o", place, "--message-format", "json");
  const said = jsonLines(ran.stderr);
  const messages = said.filter((one) => one.severity !== "note");
  const files = ran.status === 0 ? filesBelow(join(folder, place)) : null;
  return { messages, files, stderr: ran.stderr };
}

function compare(folder, module, { name, text }, destination) {
  const answer = module.machine(text, destination);
  if (answer.messages.some((one) => one.id === LOCAL)) return "local";
  const should = made(folder, text, destination);
  // What to do about a text that waits for a student is another thing on a page.
  const alike = (one) => (one.id === "student" ? { ...one, help: null } : one);
  equal(answer.messages.map(alike), should.messages.map(alike), `${name}, ${destination}: messages\n${should.stderr}`);
  equal(!!answer.machine, !!should.files, `${name}, ${destination}: is there a machine?`);
  if (!should.files) return "mistakes";
  const bytes = (file) => (file.text === undefined ? Buffer.from(file.base64, "base64") : Buffer.from(file.text));
  const files = [...answer.machine.files].sort((a, b) => (a.name < b.name ? -1 : 1));
  equal(files.length, should.files.length, `${name}, ${destination}: number of files`);
  files.forEach((file, at) => {
    const [other, content] = should.files[at];
    if (other !== "") equal(file.name, other, `${name}, ${destination}: name`);
    if (!bytes(file).equals(content)) equal(bytes(file).toString("latin1"), content.toString("latin1"), `${name}, ${destination}: ${file.name}`);
  });
  return "machines";
}

async function all(module, cases, destinations) {
  const counts = { machines: 0, mistakes: 0, local: 0 };
  let turn = 0;
  for (const one of cases) {
    for (const destination of destinations(turn++)) {
      await inFolder((folder) => counts[compare(folder, module, one, destination)]++);
    }
  }
  return counts;
}

const module = await library();
const names = module.about().destinations.map((one) => one.name);

test("presets and examples have the command's bytes for every destination", async () => {
  const counts = await all(module, own(), () => names);
  ok(counts.machines >= 3 * 15, `too few: ${JSON.stringify(counts)}`);
  return JSON.stringify(counts);
});

test("200 generated parameter files have the command's bytes", async () => {
  const counts = await all(module, generated(200), (turn) => [names[0], names[1 + (turn % (names.length - 1))]]);
  ok(counts.machines > 200 && counts.mistakes > 30, `too few: ${JSON.stringify(counts)}`);
  return JSON.stringify(counts);
});

test("mistakes are the command's", async () => {
  const counts = await all(module, mistaken(), () => [names[0]]);
  ok(counts.mistakes > 200, `too few: ${JSON.stringify(counts)}`);
  return JSON.stringify(counts);
});

/** The name of the file in which user-data is for the command. */
const FILE = "user-data";

/** What the command finds in it. */
function linted(folder, { bytes, args }) {
  write(folder, FILE, bytes);
  return jsonLines(bootseed(folder, "lint", FILE, "--format", "json", ...args).stdout);
}

test("what is found in user-data is what the command finds", async () => {
  const counts = { texts: 0, findings: 0, inside: 0, repaired: 0 };
  for (const one of userData()) {
    const given = { bytes: one.bytes, name: FILE, image: one.image };
    const { lint, texts, parameters } = module.payload(given);
    await inFolder((folder) => {
      if (parameters) return;
      equal(lint, linted(folder, one), one.name);
      counts.texts++;
      counts.findings += lint.length;
      counts.inside += Object.keys(texts).length;
      for (const { place } of lint) {
        const text = place && (place.source === FILE ? "" : texts[place.source]);
        ok(place?.start === undefined || text !== undefined, `${one.name}: no text of ${JSON.stringify(place)}`);
      }
      const { text } = module.repair(given);
      bootseed(folder, "lint", FILE, "--fix", ...one.args);
      const [[, after]] = filesBelow(join(folder, FILE), FILE);
      counts.repaired += text === undefined ? 0 : 1;
      ok(after.equals(text === undefined ? Buffer.from(one.bytes) : Buffer.from(text)), `${one.name}: repaired`);
    });
  }
  ok(counts.texts > 350 && counts.findings > 400 && counts.inside > 50 && counts.repaired > 20, `too few: ${JSON.stringify(counts)}`);
  return JSON.stringify(counts);
});

test("every finding is explained", () => {
  const ids = readdirSync(join(root, "tests/lint"));
  for (const id of ids) {
    const { summary, boot, advice, bad, good } = module.explain(id);
    ok(summary && boot && advice && bad && good, id);
  }
  ok(module.explain("hostname").summary, "a mistake of a parameter file");
  ok(module.explain("nothing of the kind").failure, "no id");
});

test("what the page says in Korean are names that there are", async () => {
  const { known } = await source("korean");
  const about = module.about();
  equal(known("destination").sort(), about.destinations.map((one) => one.name).sort(), "destinations");
  equal(known("preset").sort(), about.presets.map((one) => one.name).sort(), "presets");
  const steps = readdirSync(join(root, "src/step")).map((file) => file.replace(".rs", ""));
  equal(known("step").sort(), steps.filter((name) => name !== "mod").sort(), "steps");
  const ids = known("mistake");
  for (const id of ids) ok(module.explain(id).summary, `there is no id ${id}`);
  const others = readFileSync(join(root, "src/lint/others.tsv"), "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
  const all = [...readdirSync(join(root, "tests/lint")), ...others.map((line) => line.split("\t")[0])];
  for (const id of all) ok(ids.includes(id), `${id} is not said`);
});

test("a class has the passwords and tokens of the last time", async () => {
  const text = "users:\n  - name: kim\n    sudo: true\nstatus:\n  report: https://lab.example.org/\nweb:\n  index: <p>{{ student.name }}</p>\n";
  const roster = "id,name\n1,Kim\n02,Lee\n\n03,Park\n";
  await inFolder((folder) => {
    write(folder, "class.yaml", text);
    write(folder, "students.csv", roster);
    const command = (place) => {
      const ran = bootseed(folder, "roster", "students.csv", "class.yaml", "-o", place, "--passwords", "kim", "--message-format", "json");
      equal(ran.status, 0, ran.stderr);
      return { files: filesBelow(join(folder, place), ""), said: jsonLines(ran.stderr) };
    };
    const { files, said } = command("lab");
    const old = (name) => files.find(([one]) => one === name)[1];
    const asked = { roster: { name: "students.csv", bytes: Buffer.from(roster) }, class: "lab" };
    const again = module.class(text, { ...asked, credentials: old("credentials.csv"), tokens: old("tokens.csv") });
    equal(contents(again.files), files.map(([name, bytes]) => [name, bytes.toString()]), "the same once more");
    equal(again.skipped, 1, "empty rows");
    const warnings = (all) => all.filter((one) => one.severity === "warning").map((one) => one.id).sort();
    equal(warnings(again.messages), warnings(said), "warnings");
    ok(warnings(said).includes("lost-zero"), "a warning about several rows");
    const [first, second] = [1, 2].map(() => module.class(text, { ...asked, account: "kim" }));
    for (const name of ["credentials.csv", "tokens.csv"]) {
      const [a, b] = [first, second].map(({ files }) => files.find((one) => one.name === name).text);
      ok(a !== b, `${name} is not random`);
    }
    const secret = /^1,Kim,kim,([2-9a-z]{4}-){3}[2-9a-z]{4}$/m;
    ok(secret.test(first.files.find((one) => one.name === "credentials.csv").text), "a password");
    const two = "student,user,password\n1,a,x\n1,b,y\n";
    ok(module.class(text, { ...asked, credentials: Buffer.from(two) }).messages[0].message.includes("a, b"), "two accounts");
  });
});

/** The class of a roster is that of the command, or has its mistakes. */
function sameClass(text, name, bytes) {
  return inFolder((folder) => {
    write(folder, "class.yaml", text);
    write(folder, name, bytes);
    const ran = bootseed(folder, "roster", name, "class.yaml", "-o", "lab", "--message-format", "json");
    const made = module.class(text, { roster: { name, bytes }, class: "lab" });
    const errors = (all) => all.filter((one) => one.severity === "error").map((one) => one.message);
    equal(errors(made.messages), errors(jsonLines(ran.stderr)), name);
    equal(!!made.files, ran.status === 0, name);
    if (!made.files) return;
    const should = filesBelow(join(folder, "lab")).map(([name, bytes]) => [name, bytes.toString()]);
    equal(contents(made.files), should, name);
  });
}

const SLUGS = "hostname: lab-{{ student.name | slug }}\nweb:\n  index: <p>{{ student.name }}</p>\n";

test("names in every form of Unicode are the command's", async () => {
  const names = ["김철수", "김영희".normalize("NFD"), "Zoë O'Brien", "Ångström".normalize("NFD"), "ﬁne Ｆｕｌｌ", "한글 ①", "ệ", "Straße", "쀍뷁".normalize("NFD")];
  const roster = `id,name\n${names.map((name, at) => `${at}-${name},${name}`).join("\n")}\n`;
  await sameClass(SLUGS, "utf8.csv", Buffer.from(roster));
  await sameClass(SLUGS, "utf16.csv", Buffer.from(`\ufeff${roster}`, "utf16le"));
  await sameClass(SLUGS, "script.csv", Buffer.from("id,name\n1,Иван\n"));
  await sameClass("timezone: UTC\n", "twins.csv", Buffer.from(`id\n김\n${"김".normalize("NFD")}\n`));
});

test("rosters of spreadsheets are the command's", async () => {
  const names = join(root, "examples/roster/students.csv");
  await sameClass(readFileSync(join(root, "examples/roster/class.yaml"), "utf8"), "students.csv", readFileSync(names));
  await inFolder(async (folder) => {
    const ran = spawnSync("/usr/bin/python3", ["-c", WORKBOOKS], { cwd: folder, encoding: "utf8" });
    equal(ran.status, 0, ran.stderr);
    for (const [name, bytes] of filesBelow(folder)) await sameClass(SLUGS.replace("</p>", " {{ student.more }}</p>"), name, bytes);
  });
});

/** Writes workbooks: one with what cells can hold, one with an error, one with a formula that nobody calculated. */
const WORKBOOKS = `
import datetime, openpyxl
def book(name, *rows):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "학생"
    for row in [("id", "name", "more"), *rows]:
        sheet.append(row)
    for cell in sheet["A"][1:]:
        cell.number_format = "00000"
    book.save(name)
book("cells.xlsx", (7, "김철수", datetime.date(2026, 3, 2)), (8, "이영희", datetime.datetime(2026, 3, 2, 9, 30)), (9, "Zoë", True), (10, "박", 0.1), (11, "최", datetime.time(9, 30)))
book("error.xlsx", (1, "김", "#DIV/0!"))
book("formula.xlsx", (1, "김", "=1+1"))
`;

/** Files of an answer by their names, sorted. */
function contents(files) {
  const all = files.map(({ name, text, base64 }) => [name, text ?? Buffer.from(base64, "base64").toString()]);
  return all.sort(([a], [b]) => (a < b ? -1 : 1));
}

test("the parts of user-data are the whole", async () => {
  const { sections } = await source("sections");
  for (const { name, text } of [...own(), ...generated(50)]) {
    const { machine } = module.machine(text);
    if (!machine) continue;
    const parts = sections(machine.document);
    equal(parts.map((part) => part.text).join(""), machine.document, name);
    ok(parts.some((part) => part.about === "partMachine"), `${name}: no machine.yaml`);
  }
});

test("changing a value leaves the rest as it is", async () => {
  const { withValue, withList, words } = await source("document");
  const text = "# top\nhostname: a # the name\n\nconda:\n  # why\n  environments:\n    - name: x\n      python: 3.9\n";
  equal(withValue(text, ["hostname"], "lab-7"), text.replace(": a ", ": lab-7 "), "a value");
  equal(withValue(text, ["conda", "environments", 0, "python"], "3.10"), text.replace("3.9", "3.10"), "a number");
  equal(withValue(text, ["hostname"], "a: b"), text.replace(": a ", ': "a: b" '), "quotes");
  const more = withList(text, ["packages"], words("git, htop nano"));
  ok(more.startsWith(text) && more.endsWith("packages:\n  - git\n  - htop\n  - nano\n"), more);
  equal(withList(more, ["packages"], []), text, "a list that goes");
  equal(withValue("", ["hostname"], "x"), "hostname: x\n", "nothing before");
  equal(withValue("", ["conda", "environments", 0, "python"], "3.10"), "conda:\n  environments:\n    - python: 3.10\n", "3.10");
  equal(words("flask>=3, numpy >=1 a[b,c]"), ["flask>=3", "numpy >=1", "a[b,c]"], "words");
});

test("a link has no secret in it", async () => {
  const link = await source("link");
  const token = "ghp_" + "a1B2".repeat(9);
  const text = `# ${token}\nhostname: x\nusers:\n  - name: mina\n    password: "open sesame"\napp:\n  secrets: [SECRET_KEY]\nrun:\n  - "curl -H 'Authorization: Bearer ${token}' https://example.org"\n`;
  const made = link.make(module, { text }, "https://example.org/bootseed.html#old");
  equal(made.left, ["users[0].password", "run[0]"], "left out");
  ok(made.bare, "the comment is bare");
  const opened = link.open(new URL(made.link).hash).text;
  ok(!opened.includes(token) && !opened.includes("sesame") && opened.includes("SECRET_KEY"), opened);
  equal(link.open("#p=x"), null, "a damaged link");
});

test("nothing stops the module", async () => {
  const texts = ["", "\0", "a: *b", "- - -", "{", "x: ".repeat(1000), "&a [*a]", "\ud800", ...own().map((one) => one.text.slice(0, 200))];
  for (const text of texts) ok(Array.isArray(module.machine(text).messages), text);
  ok(module.ask({ ask: "something else" }).failure, "a failure");
  ok(module.payload({ bytes: new Uint8Array([31, 139, 8, 0]), name: FILE, image: "" }).inspection, "damaged gzip");
});

/** What they may grow to, in bytes. */
const MOST = { module: 1_310_000, page: 1_400_000 };

test("bytes as letters come back", async () => {
  const { toLetters, fromLetters } = await source("letters");
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 197 + length * 31) % 256);
    const letters = toLetters(bytes);
    ok(/^[#-;=-~]*$/.test(letters), letters);
    equal([...fromLetters(letters)], [...bytes], `${length} bytes`);
  }
});

test("the module and the page do not grow", async () => {
  const module = gzipSync(await moduleBytes(), { level: 9 }).length;
  const whole = statSync(page).size;
  const said = `module ${module} bytes in gzip, page ${whole}`;
  ok(module <= MOST.module && whole <= MOST.page, said);
  return said;
});

await run();
