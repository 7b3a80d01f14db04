// The page in Chromium, as a person uses it.
//
//     node web/test/page.mjs [WORDS OF A TEST]
//
// Screenshots are in target/web/shots.

import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { unzipSync } from "fflate";
import { chromium } from "playwright-core";

import { bootseed, equal, filesBelow, inFolder, jsonLines, ok, page as file, root, run, test, write } from "./tools.mjs";

const shots = join(root, "target/web/shots");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Serves the page, and writes down what it is asked for. */
async function serve() {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const body = request.url === "/frame" ? '<!doctype html><html lang="en"><title>x</title><iframe title="x" src="/" width="700" height="900"></iframe></html>' : readFileSync(file);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, asked, url: `http://127.0.0.1:${server.address().port}/` };
}

/** A browser window of its own, with the page in it. */
async function opened(context, options = {}, fragment = "") {
  const window = await context.browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", permissions: ["clipboard-read", "clipboard-write"], ...options });
  const page = await window.newPage();
  page.setDefaultTimeout(60_000);
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  await page.goto(context.url + fragment);
  await page.waitForSelector("html[data-ready]");
  return {
    page,
    /** The text of the parameters. */
    text: () => page.evaluate(() => document.querySelector("#editor .cm-content").cmTile?.view?.state.doc.toString() ?? document.querySelector("#editor .cm-content").cmView.view.state.doc.toString()),
    async type(words) {
      await page.click("#editor .cm-content");
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(words);
    },
    /** Puts words into the editor of any user-data. */
    async inspect(words) {
      await page.click("#inspect-text .cm-content");
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(words);
    },
    inspected: () => page.evaluate(() => document.querySelector("#inspect-text .cm-content").cmTile.view.state.doc.toString()),
    async copied() {
      await page.click("#copy");
      await page.waitForFunction(() => document.querySelector("#told").textContent !== "");
      return page.evaluate(() => navigator.clipboard.readText());
    },
    async close() {
      equal(wrong, [], "errors of the page");
      await window.close();
    },
  };
}

/** Opens the page for a test, and closes it. */
function pageTest(name, body, options, fragment) {
  test(name, async (context) => {
    const own = await opened(context, options, fragment);
    const said = await body(own, context);
    await own.close();
    return said;
  });
}

const rendered = (text) =>
  inFolder((folder) => {
    write(folder, "a.yaml", text);
    return bootseed(folder, "render", "a.yaml").stdout;
  });

pageTest("what is copied is what the command prints", async ({ page, text, copied }) => {
  const cards = await page.$$(".card");
  ok(cards.length >= 3, "too few cards");
  for (const card of cards) {
    await card.click();
    equal(await copied(), await rendered(await text()), await card.innerText());
    equal(await page.$$eval(".card[aria-pressed=true]", (all) => all.length), 1, "the chosen card is marked");
  }
  await page.fill("#field-hostname", "mine");
  equal(await page.$$eval(".card[aria-pressed=true]", (all) => all.length), 0, "a changed one is not");
});

pageTest("fields and text are one document", async ({ page, text }) => {
  const before = await text();
  await page.fill("#field-hostname", "lab-7");
  await page.fill("#field-python", "3.10");
  await page.fill("#field-packages", "git, htop");
  const after = await text();
  for (const line of before.split("\n").filter((one) => /^\s*#/.test(one))) ok(after.includes(line), `lost: ${line}`);
  ok(after.includes("hostname: lab-7\n") && after.includes("python: 3.10\n") && after.includes("- htop"), after);
  await page.click("#editor .cm-content");
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("locale: ko_KR.UTF-8\n");
  equal(await page.inputValue("#field-hostname"), "lab-7", "the field");
  await page.fill("#field-packages", "");
  ok(!(await text()).includes("packages:"), await text());
  await page.fill("#field-env", "");
  await page.fill("#field-env", "ai");
  ok(/- (name: ai\n\s+python: 3.10|python: 3.10\n\s+name: ai)/.test(await text()), await text());
});

pageTest("while there are mistakes nothing is copied", async ({ page, type, copied }) => {
  await copied();
  await page.fill("#field-hostname", "lab kim");
  equal(await page.getAttribute("#field-hostname", "aria-invalid"), "true", "invalid");
  ok((await page.innerText("#field-hostname-wrong")).includes("cannot be a host name"), "the message is at the field");
  ok(await page.isDisabled("#copy"), "copy");
  ok((await page.innerText("#result .banner")).includes("last good result"), "said to be stale");
  ok((await page.$$(".cm-lintRange-error")).length > 0, "marked in the text");
  await page.click("#messages .place");
  await page.evaluate(() => {
    getSelection().selectAllChildren(document.querySelector("#result"));
    document.execCommand("copy");
  });
  ok(!(await page.evaluate(() => navigator.clipboard.readText())).includes("last good"), "copied all the same");
  await page.screenshot({ path: join(shots, "mistakes.png"), fullPage: true });
  await type("hostname: x\n\tb: c");
  ok(await page.isDisabled("#field-hostname"), "fields wait");
  await type("hostname: x\n");
  ok(!(await page.isDisabled("#copy")) && !(await page.isDisabled("#field-hostname")), "good again");
});

pageTest("the editor completes and explains", async ({ page, text, type }) => {
  await type("conda:\n  distr");
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Control+Space");
  await page.waitForSelector(".cm-tooltip-autocomplete");
  ok((await page.innerText(".cm-tooltip-autocomplete")).includes("distribution"), "the key");
  await page.waitForSelector(".cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled)");
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+Space");
  await page.waitForSelector(".cm-tooltip-autocomplete");
  ok((await page.innerText(".cm-tooltip-autocomplete")).includes("miniforge"), "the value");
  equal(await text(), "conda:\n  distribution: ", "what was completed");
  await page.keyboard.press("Escape");
  await page.keyboard.insertText("miniforge\n");
  await page.hover("#editor .cm-line >> text=distribution");
  await page.waitForSelector(".cm-tooltip-hover");
  ok((await page.innerText(".cm-tooltip-hover")).includes("`miniforge`"), "what it means");
});

pageTest("destinations: files to download", async ({ page, text }) => {
  await page.selectOption("#destination", "nocloud-iso");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#result .buttons button:last-of-type")]);
  const bytes = readFileSync(await download.path());
  const parameters = await text();
  await inFolder((folder) => {
    write(folder, "a.yaml", parameters);
    bootseed(folder, "render", "a.yaml", "--for", "nocloud-iso", "-o", "seed.iso");
    ok(readFileSync(join(folder, "seed.iso")).equals(bytes), "another image");
  });
});

pageTest("a link carries the parameters and no secret", async ({ page, text, type }, context) => {
  await type("hostname: shared\nusers:\n  - name: mina\n    password: open sesame\n");
  await page.click("#share-make");
  ok((await page.innerText("#share-result")).includes("users[0].password"), "what is left out is said");
  const link = await page.inputValue("#share-link");
  const other = await opened(context, {}, new URL(link).hash);
  const carried = await other.text();
  ok(carried.includes("hostname: shared") && !carried.includes("sesame"), carried);
  ok(await other.page.isVisible("#opened"), "it says where they come from");
  await other.close();
  ok((await text()).includes("sesame"), "the own document keeps it");
});

pageTest("a class is made in the page", async ({ page, type }) => {
  const folder = join(root, "examples/roster");
  await type(readFileSync(join(folder, "class.yaml"), "utf8"));
  await page.setInputFiles("#roster", join(folder, "students.csv"));
  await page.fill("#class-name", "lab");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#class-make")]);
  equal(download.suggestedFilename(), "lab.zip", "its name");
  const files = unzipSync(readFileSync(await download.path()));
  await inFolder((place) => {
    const ran = bootseed(place, "roster", join(folder, "students.csv"), join(folder, "class.yaml"), "-o", "lab");
    equal(ran.status, 0, ran.stderr);
    const should = filesBelow(join(place, "lab"), "lab");
    equal(Object.keys(files).sort(), should.map(([name]) => name).sort(), "names");
    for (const [name, bytes] of should) ok(Buffer.from(files[name]).equals(bytes), `${name} is another`);
  });
  await type("hostname: lab\nusers:\n  - name: kim\n");
  await page.fill("#class-account", "kim");
  const [second] = await Promise.all([page.waitForEvent("download"), page.click("#class-make")]);
  const made = unzipSync(readFileSync(await second.path()));
  const said = await page.innerText("#class-result");
  ok(said.includes("credentials.csv") && said.includes("cannot log in over SSH"), said);
  const [third] = await Promise.all([page.waitForEvent("download"), page.click("#class-make")]);
  const again = unzipSync(readFileSync(await third.path()));
  for (const name of Object.keys(made)) ok(Buffer.from(made[name]).equals(again[name]), `${name}: the passwords are kept`);
  await page.fill("#class-account", "");
  await type("hostname: lab\n");
  await page.setInputFiles("#roster", { name: "twins.csv", mimeType: "text/csv", buffer: Buffer.from("id\n1\n2\n") });
  await page.click("#class-make");
  await page.waitForSelector("#class-result .warning");
  ok((await page.innerText("#class-result")).includes("all 2 machines are the same"), "twins");
  await type("timezone: Asia/Seoul\n");
  await page.setInputFiles("#roster", { name: "bad.csv", mimeType: "text/csv", buffer: Buffer.from("id,hostname\n1,lab kim\n2,lab-2\n") });
  await page.click("#class-make");
  await page.waitForSelector("#class-result .error");
  ok((await page.innerText("#class-result")).includes("bad.csv, row 2, column hostname"), "its mistakes");
});

pageTest("any user-data is opened", async ({ page, copied, inspect }) => {
  const text = await copied();
  await inspect(Buffer.from(text).toString("base64"));
  const said = await page.innerText("#inspect-result");
  ok(said.includes("base64") && said.includes("/usr/local/sbin/bootseed-provision"), said);
  await inspect("#cloud-confg\nhostname: x\n");
  ok((await page.innerText("#inspect-result")).includes("pass over"), "a warning");
  await inspect("hostname: from-below\n");
  await page.click("#inspect-found button");
  equal(await page.inputValue("#field-hostname"), "from-below", "parameters are parameters");
});

/** What the page lists, as the command has it. */
const listed = (page) =>
  page.$$eval("#inspect-found .messages > li", (all) =>
    all.map((one) => ({
      severity: one.className,
      id: one.querySelector(".explain code").textContent,
      message: one.querySelector(".said:not(.own)").textContent,
      help: one.querySelector(".help")?.textContent ?? null,
      line: Number(/\d+/.exec(one.querySelector(".place")?.textContent ?? "")?.[0] ?? 0),
    })),
  );

const linted = (text, ...args) =>
  inFolder((folder) => {
    write(folder, "user-data", text);
    return jsonLines(bootseed(folder, "lint", "user-data", "--format", "json", ...args).stdout);
  });

const RANK = ["error", "warning", "hint"];

pageTest("user-data is linted at its places", async ({ page, inspect }) => {
  for (const id of ["command-becomes-map", "pipe-to-shell", "unknown-key", "plain-text-password"]) {
    const text = readFileSync(join(root, "tests/lint", id, "bad.yaml"), "utf8");
    await inspect(text);
    const should = await linted(text);
    should.sort((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity));
    const words = should.map(({ severity, id, message, help, place }) => ({ severity, id, message, help, line: place?.start?.line ?? 0 }));
    equal(await listed(page), words, id);
  }
  const text = readFileSync(join(root, "tests/lint/unknown-key/bad.yaml"), "utf8");
  await inspect(text);
  const [first] = await linted(text);
  const marked = await page.$$eval("#inspect-text .cm-line:has(.cm-lintRange)", (all) => all.map((one) => one.textContent));
  ok(marked.includes(text.split("\n")[first.place.start.line - 1]), `marked: ${marked}`);
  ok((await page.$$("#inspect-text .cm-lint-marker")).length > 0, "no mark beside the line");
  await page.click("#inspect-found .place");
  equal(await page.evaluate(() => document.activeElement.closest("#inspect-text") !== null), true, "the place is gone to");
  await page.click("#inspect-found .explain summary");
  await page.waitForSelector('#inspect-found .explained:has-text("What the machine does")');
});

pageTest("what can be repaired safely is", async ({ page, inspect, inspected }) => {
  const text = "#cloud-config\nruncmd:\n  - systemctl restart sshd\nwrite_files:\n  - path: /etc/x\n    content: a\n    permissions: 0644\n";
  const repaired = await inFolder((folder) => {
    write(folder, "user-data", text);
    bootseed(folder, "lint", "user-data", "--fix");
    return readFileSync(join(folder, "user-data"), "utf8");
  });
  ok(repaired !== text, "there is something to repair");
  await inspect(text);
  await page.click("#inspect-found .repair");
  ok((await inspected()) !== text, "one");
  await inspect(text);
  await page.click("#inspect-repair");
  equal(await inspected(), repaired, "all");
  ok((await page.innerText("#inspect-found")).includes("What was done"), "said");
});

pageTest("user-data within envelopes and for an image", async ({ page, inspect }) => {
  const text = readFileSync(join(root, "tests/lint/unknown-key/bad.yaml"), "utf8");
  await page.setInputFiles("#inspect-file", { name: "packed.gz", mimeType: "application/gzip", buffer: gzipSync(text) });
  await page.waitForSelector("#inspect-found details.part .cm-lintRange");
  ok((await page.innerText("#inspect-name")).includes("packed.gz"), "its name");
  await page.click("#inspect-found .place");
  ok(await page.evaluate(() => document.activeElement.closest("#inspect-found .part") !== null), "the place is gone to");
  await page.selectOption("#inspect-image", "ubuntu-20.04");
  const newer = "#cloud-config\napt:\n  sources: {}\nansible:\n  install_method: pip\nrpi:\n  interfaces: {spi: true}\n";
  await inspect(newer);
  const should = await linted(newer, "--image", "ubuntu-20.04");
  ok(should.length > 0, "the image counts");
  equal((await listed(page)).map((one) => one.id).sort(), should.map((one) => one.id).sort(), "for the image");
});

test("nothing is requested but the page", async (context) => {
  const before = context.asked.length;
  const { page, text, copied, type, inspect } = await opened(context);
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await copied();
  await type(`${await text()}\nfiles:\n  - {path: /a, content: b}\n`);
  await page.selectOption("#destination", "terraform");
  await page.click("#share-make");
  await inspect("#include\nhttps://example.org/\n");
  for (const [name, body] of Object.entries({
    fetch: () => fetch("/x").then(() => "sent", () => "refused"),
    image: () => new Promise((done) => Object.assign(new Image(), { onload: () => done("sent"), onerror: () => done("refused"), src: "/x.png" })),
  })) {
    equal(await page.evaluate(body), "refused", name);
  }
  equal(context.asked.slice(before), ["/"], "what the server was asked for");
  equal(requests.filter((url) => !url.endsWith("/x") && !url.endsWith("/x.png") && !url.startsWith("data:")), [], "requests");
  equal(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ""], "nothing is stored");
  await page.context().close();
});

for (const [name, options] of Object.entries({
  "light-en": { locale: "en-US", colorScheme: "light" },
  "dark-ko": { locale: "ko-KR", colorScheme: "dark" },
})) {
  pageTest(`accessible: ${name}`, async ({ page, type, text, inspect }) => {
    const korean = name.endsWith("ko");
    equal(await page.getAttribute("html", "lang"), korean ? "ko" : "en", "the language");
    for (const what of ["h1", ".steps li:first-child", ".steps li:last-child"]) {
      equal(/[가-힣]/.test(await page.innerText(what)), korean, `Korean: ${what}`);
    }
    const found = async (what) => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      equal(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target + " " + node.any.map((any) => any.message)).join("; ")}`), [], what);
    };
    await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
    await found("a good machine");
    await page.click("#share-make");
    await inspect("#cloud-confg\nruncmd:\n  - echo a: b\n  - apt install x\n");
    await page.click("#inspect-found .explain summary");
    const good = await text();
    await type(good.replace("hello-cju", "lab kim") + "\nrunn: []\n");
    await found("with mistakes");
    await page.click(`#language-${korean ? "en" : "ko"}`);
    equal(await page.getAttribute("html", "lang"), korean ? "en" : "ko", "the other language");
    const empty = await page.$$eval("[data-say]", (all) => all.filter((one) => one.textContent.trim() === "").map((one) => one.dataset.say));
    equal(empty, [], "everything is said");
  }, options);
}

pageTest("on a phone nothing is wider than it", async ({ page }) => {
  const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  for (const destination of ["cloud-config", "aws-form", "terraform"]) {
    await page.selectOption("#destination", destination);
    const [is, most] = await widths();
    ok(is <= most, `${destination}: ${is} of ${most}`);
  }
  await page.screenshot({ path: join(shots, "phone.png"), fullPage: true });
}, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: "ko-KR" });

pageTest("nothing is wider than a window or a projector", async ({ page, inspect }) => {
  await inspect(readFileSync(join(root, "tests/lint/command-becomes-map/bad.yaml"), "utf8"));
  await page.click("#inspect-found .explain summary");
  for (const width of [640, 1024, 1280, 1920]) {
    await page.setViewportSize({ width, height: 768 });
    const is = await page.evaluate(() => document.documentElement.scrollWidth);
    ok(is <= width, `${is} of ${width}`);
  }
});

pageTest("by keyboard alone", async ({ page }) => {
  const reached = new Set();
  for (let at = 0; at < 80; at++) {
    await page.keyboard.press("Tab");
    const id = await page.evaluate(() => document.activeElement.id || document.activeElement.className);
    if (id.includes("cm-content")) await page.keyboard.press("Escape");
    reached.add(id);
  }
  for (const id of ["language-ko", "field-hostname", "copy", "destination", "share-make", "roster", "class-account", "inspect-file"]) ok(reached.has(id), `${id} is not reached: ${[...reached]}`);
  ok([...reached].some((id) => id.includes("cm-content")), "the editor");
});

test("it works in a frame", async (context) => {
  const window = await context.browser.newContext({ locale: "en-US" });
  const page = await window.newPage();
  await page.goto(`${context.url}frame`);
  const frame = page.frameLocator("iframe");
  await frame.locator("#copy").waitFor();
  equal(await frame.locator("html.framed").count(), 1, "it knows");
  await window.close();
});

pageTest("a key stroke is shown within 50 ms", async ({ page }) => {
  const round = () => page.evaluate(() => {
    const input = document.querySelector("#field-hostname");
    return Array.from({ length: 40 }, (_, at) => {
      input.value = `lab-${"x".repeat(at % 30)}1`;
      const start = performance.now();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    });
  });
  // What else the computer does is not the page's: the best of some rounds counts.
  let [median, high] = [Infinity, Infinity];
  for (let left = 8; left > 0 && high > 50; left--) {
    const times = (await round()).sort((a, b) => a - b);
    if (times[38] < high) [median, high] = [times[20], times[38]];
  }
  ok(high <= 50, `median ${median} ms, 95 % ${high} ms`);
  return `median ${median.toFixed(1)} ms, 95 % ${high.toFixed(1)} ms`;
});

mkdirSync(shots, { recursive: true });
const served = await serve();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  await run({ browser, ...served });
} finally {
  await browser.close();
  served.server.close();
}
