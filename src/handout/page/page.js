'use strict';

// The data: a line about the page, then two lines per student: what is shown, and the text. A text
// is a string; or a list of [first line, number of lines, text in their place], to be made from the
// first text that is not base64; or null, and only the file has it.

/** Rows that are shown at first. */
const FIRST = 200;
/** Rows that are printed at most. */
const PRINTED = 5000;
const TICK = ' Tick “User data has already been base64 encoded” in the form.';

const element = (id) => document.getElementById(id);
const search = element('search');
const body = element('rows');
const number = (value) => value.toLocaleString('en');

// Korean, letter by letter as it is typed: what ends a syllable may begin the next one.

/** The consonants that end a syllable, in the order of Unicode from U+11A8. */
const FINALS =
  'ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ'
    .normalize('NFKD')
    .split(' ');
const VOWELS = new Map(
  'ㅘㅗㅏ ㅙㅗㅐ ㅚㅗㅣ ㅝㅜㅓ ㅞㅜㅔ ㅟㅜㅣ ㅢㅡㅣ'
    .normalize('NFKD')
    .split(' ')
    .map((word) => [word[0], word.slice(1)]),
);

/** A text as it is searched: without case, accents apart from their letters, Korean in letters. */
function fold(text) {
  const apart = text.normalize('NFKD').toLowerCase();
  const open = apart.replace(/[\u11a8-\u11c2]/g, (end) => FINALS[end.charCodeAt(0) - 0x11a8]);
  return open.replace(/[\u116a-\u1174]/g, (vowel) => VOWELS.get(vowel) ?? vowel);
}

function read() {
  const lines = element('data').textContent.trim().split('\n');
  const rows = [];
  for (let at = 1; at < lines.length; at += 2) {
    const [student, name, host, file, size, base64, mark, needs] = JSON.parse(lines[at]);
    const words = fold([student, name, host, file].join('\n'));
    const json = lines[at + 1];
    rows.push({ at: rows.length, student, name, host, file, size, base64, mark, needs, words, json });
  }
  return [JSON.parse(lines[0]), rows];
}

const [about, rows] = read();
/** Do all machines need the same? Then only the first says what. */
const alike = rows.every((row, at) => at === 0 || row.needs === null);
let matches = rows;
let shown = 0;
/** The row whose text is on the clipboard. */
let last;

// The texts.

let reference;

function made(edits) {
  reference ??= JSON.parse(rows.find((row) => !row.base64).json).split(/(?<=\n)/);
  let text = '';
  let at = 0;
  for (const [from, gone, lines] of edits) {
    text += reference.slice(at, from).join('') + lines;
    at = from + gone;
  }
  return text + reference.slice(at).join('');
}

function textOf(row) {
  const found = JSON.parse(row.json);
  return typeof found === 'string' ? found : made(found);
}

// What was copied, kept by the browser where it can: student and mark of the file.

const KEY = `bootseed copied ${location.pathname}`;
let marks = new Map();

function recall() {
  try {
    marks = new Map(JSON.parse(localStorage.getItem(KEY)));
  } catch {
    marks = new Map();
  }
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify([...marks]));
  } catch {
    // The marks last as long as the page is open.
  }
}

const isCopied = (row) => marks.get(row.student) === row.mark;
const isOutdated = (row) => marks.has(row.student) && !isCopied(row);

// The table.

function view(row) {
  if (row.view) return row.view;
  row.view = element('row').content.firstElementChild.cloneNode(true);
  const part = (selector) => row.view.querySelector(selector);
  part('.number').textContent = number(row.at + 1);
  part('.student').textContent = row.student;
  part('.name').textContent = row.name ?? '';
  part('.host span').textContent = row.host ?? '';
  part('.host small').textContent = row.needs ?? rows[0].needs;
  part('.host small').hidden = alike;
  part('.file a').textContent = row.file;
  part('.file a').href = row.file.split('/').map(encodeURIComponent).join('/');
  showSize(row, part);
  showAct(row, part);
  part('.live input').row = row;
  part('.live input').setAttribute('aria-label', `Address: ${row.student}`);
  showLive(row);
  mark(row);
  return row.view;
}

function showSize(row, part) {
  part('.size span').textContent = `${number(row.size)} B`;
  part('meter').hidden = about.limit === null;
  if (about.limit === null) return;
  const share = `${Math.ceil((row.size / about.limit) * 100)}%`;
  part('.size span').textContent = `${number(row.size)} B, ${share}`;
  part('.size').title = `${share} of the ${number(about.limit)} bytes that EC2 takes`;
  part('.size').classList.toggle('over', row.size > about.limit);
  Object.assign(part('meter'), { max: about.limit, high: about.limit * 0.9, optimum: 0 });
  part('meter').value = row.size;
}

function showAct(row, part) {
  const button = part('button');
  part('.badge').hidden = !row.base64 || row.json === 'null';
  button.row = row;
  if (row.json !== 'null') return;
  const link = part('.file a').cloneNode();
  link.textContent = 'Open file';
  button.replaceWith(link);
}

function mark(row) {
  if (!row.view) return;
  const button = row.view.querySelector('button');
  row.view.classList.toggle('copied', isCopied(row));
  row.view.classList.toggle('outdated', isOutdated(row));
  if (!button) return;
  button.textContent = isCopied(row) ? '✓ Copied' : isOutdated(row) ? 'Copy, changed' : 'Copy';
  button.setAttribute('aria-label', `${button.textContent}: ${row.student}`);
}

function show(wanted) {
  shown = Math.min(wanted, matches.length);
  body.replaceChildren(...matches.slice(0, shown).map(view));
  const more = Math.min(shown, matches.length - shown);
  element('more').hidden = more === 0;
  element('more').textContent = `Show ${number(more)} more`;
  element('none').hidden = shown > 0;
}

function filter() {
  const words = fold(search.value).split(/\s+/);
  const left = element('left').checked;
  const unready = element('unready').checked;
  const wanted = (row) =>
    !(left && isCopied(row)) && !(unready && row.live?.state === 'ready') && words.every((word) => row.words.includes(word));
  matches = rows.filter(wanted);
  element('count').textContent = `${number(matches.length)} of ${number(rows.length)}`;
  show(FIRST);
}

function countMarks() {
  const count = rows.filter(isCopied).length;
  element('forget').hidden = marks.size === 0;
  element('forget').textContent = `${number(count)} copied: forget`;
}

function forget() {
  if (!confirm('Forget which ones were copied?')) return;
  marks.clear();
  keep();
  rows.forEach(mark);
  countMarks();
  filter();
  search.focus();
}

// The clipboard.

/** Puts the text itself on the clipboard, where a selection would change its line ends. */
function exactly(text, event) {
  event.clipboardData.setData('text/plain', text);
  event.preventDefault();
}

function copyBySelection(text) {
  const area = document.createElement('textarea');
  area.className = 'unseen';
  area.value = text;
  let done = false;
  area.addEventListener('copy', (event) => {
    exactly(text, event);
    done = true;
  });
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy') && done;
  } catch {
    return false;
  } finally {
    area.remove();
    focused?.focus({ preventScroll: true });
  }
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyByHand(row, text) {
  const area = element('hand-text');
  area.value = text;
  area.oncopy = (event) => {
    if (area.selectionEnd - area.selectionStart < area.value.length) return;
    exactly(text, event);
    copied(row);
  };
  element('hand').showModal();
  area.select();
}

function say(text, done) {
  element('said').textContent = text;
  element('said').classList.toggle('done', done);
}

function copied(row) {
  marks.set(row.student, row.mark);
  keep();
  mark(row);
  countMarks();
  last?.view.classList.remove('last');
  last = row;
  last.view.classList.add('last');
  const who = [row.student, row.name].filter(Boolean).join(' ');
  say(`On the clipboard: ${who}.${row.base64 ? TICK : ''}`, true);
}

async function copy(row) {
  const text = textOf(row);
  if (await copyText(text)) copied(row);
  else copyByHand(row, text);
}

// The keyboard: / to the search, then up and down from one button to the next.

function step(from, down) {
  const buttons = [...body.querySelectorAll('.act > :last-child')];
  const next = buttons.indexOf(from) + (down ? 1 : -1);
  (next < 0 ? search : buttons[next])?.focus();
}

function onKey(event) {
  const { key, target } = event;
  const inSearch = target === search;
  if (!inSearch && target.matches('input:not([type=checkbox]), textarea')) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (element('hand').open || element('list').open) return;
  if (key === '/' && !inSearch) search.focus();
  else if (inSearch && (key === 'Enter' || key === 'ArrowDown')) step(null, true);
  else if (body.contains(target) && /^Arrow(Down|Up)$/.test(key)) step(target, key === 'ArrowDown');
  else return;
  event.preventDefault();
}

function start() {
  document.title = about.title;
  element('title').textContent = about.title;
  element('how').textContent = about.how;
  element('needs').textContent = `Each machine needs: ${rows[0]?.needs}.`;
  element('needs').hidden = rows.length === 0 || !alike;
  element('tick').hidden = !rows.some((row) => row.base64 && row.json !== 'null');
  element('left').parentElement.hidden = element('said').hidden = !about.copy;
  say('Nothing from this page is on the clipboard yet.', false);
  recall();
  recallAddresses();
  countMarks();
  filter();
  startLive();
  let before = 0;
  search.addEventListener('input', filter);
  element('left').addEventListener('change', filter);
  element('forget').addEventListener('click', forget);
  element('more').addEventListener('click', () => show(shown * 2));
  body.addEventListener('click', ({ target }) => target.matches('button') && target.row && copy(target.row));
  document.addEventListener('keydown', onKey);
  addEventListener('beforeprint', () => ((before = shown), show(PRINTED)));
  addEventListener('afterprint', () => show(before));
}
