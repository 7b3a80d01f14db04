
// The machines themselves, once somebody says where they are. The addresses stay in this browser.

/** Milliseconds between two questions to a machine, and for one of them. */
const PAUSE = 5000;
const PATIENCE = 4000;
/** Questions at the same time. */
const JOBS = 24;
/** Letters of an answer. */
const LARGEST = 256 * 1024;
const ADDRESSES = `bootseed addresses ${location.pathname}`;
/** Student to address, as it was entered. */
let addresses = new Map();
let asking = 0;

function recallAddresses() {
  try {
    addresses = new Map(JSON.parse(localStorage.getItem(ADDRESSES)));
  } catch {
    addresses = new Map();
  }
}

function keepAddresses() {
  try {
    localStorage.setItem(ADDRESSES, JSON.stringify([...addresses]));
  } catch {
    // They last as long as the page is open.
  }
}

/** Where status.json of an address is; null if it is none. */
function statusUrl(text) {
  const bare = text.trim().replace(/^([0-9a-f]*:[0-9a-f:]+)$/i, '[$1]');
  const whole = bare.includes('://') ? bare : `http://${bare}`;
  if (bare === '' || /[\s@]/.test(bare) || !/^https?:/i.test(whole)) return null;
  try {
    return new URL('/status.json', whole).href;
  } catch {
    return null;
  }
}

/** Does it look like an address, and not like a name? */
const isAddress = (cell) =>
  statusUrl(cell) !== null && (cell.includes('://') || /^\[?[0-9a-f.:]*[.:][0-9a-f.:\]]+$/i.test(cell) ||
    /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(:\d+)?$/i.test(cell));

/** One line without what would turn its direction or hide, of a length that fits. */
const plain = (text) =>
  String(text).replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim().slice(0, 300);

/** What is at an address, if it is no longer than a status. */
async function load(url, signal) {
  const wish = { cache: 'no-store', credentials: 'omit', redirect: 'error', signal };
  const answer = await fetch(url, { ...wish, referrerPolicy: 'no-referrer' });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let piece; !(piece = await reader.read()).done; ) {
    text += piece.value;
    if (text.length > LARGEST) return '';
  }
  return answer.ok ? text : '';
}

/** How a machine is that answers this: a state, and words. Throws if it is no status. */
function told({ version, state, message, steps, seconds }) {
  if (version !== 1 || typeof message !== 'string') throw new Error('another version');
  if (state === 'failed') return ['failed', plain(message.replace(/^FAILED at /, ''))];
  if (state === 'ready') return ['ready', seconds > 0 ? `after ${Math.ceil(seconds / 60)} min` : ''];
  if (state !== 'running') throw new Error('another state');
  const of = (phase) => steps.findLastIndex((step) => step.state === phase);
  const at = [of('failed'), of('retrying'), of('running')].find((place) => place >= 0) ?? -1;
  if (at < 0) return ['running', plain(message)];
  const { step, tries, reason, done, total } = steps[at];
  const tried = tries > 1 ? `, try ${Number(tries)}` : '';
  const part = total > 0 ? `, ${Math.floor((done / total) * 100)} %` : '';
  return [part === '' && reason ? 'retrying' : 'running',
    plain(`${step} (${at + 1}/${steps.length})${tried}${part || (reason ? `: ${reason}` : '')}`)];
}

const WORDS = {
  failed: '✗ failed', odd: '? not bootseed', silent: '! no answer', retrying: '↻ trying again',
  running: '… setting up', ready: '✓ ready', wrong: '? no address', asked: '· asked',
};

function turn(row, state, details) {
  if (row.live?.state === state && row.live.details === details) return;
  row.live = { state, details };
  showLive(row);
  countLive();
}

function showLive(row) {
  if (!row.view) return;
  const part = (selector) => row.view.querySelector(selector);
  part('.live input').value = addresses.get(row.student) ?? '';
  const { state, details } = row.live ?? {};
  part('.live output').textContent = state ? [WORDS[state], details].filter(Boolean).join(': ') : '';
  part('.live').dataset.state = state ?? '';
}

function countLive() {
  const known = rows.filter((row) => addresses.has(row.student));
  const count = (state) => known.filter((row) => row.live?.state === state).length;
  const rest = ['failed', 'odd', 'silent', 'wrong'].filter((state) => count(state) > 0);
  const words = rest.map((state) => `, ${number(count(state))} ${WORDS[state].slice(2)}`).join('');
  const lacking = rows.length - known.length;
  const none = lacking > 0 ? `, ${number(lacking)} without an address` : '';
  element('up').textContent = `${number(count('ready'))} of ${number(rows.length)} ready${words}${none}`;
  element('up').hidden = element('unready').parentElement.hidden = known.length === 0;
  element('why').hidden = count('silent') === 0;
  if (element('unready').checked && known.some((row) => row.wasReady !== (row.live?.state === 'ready'))) filter();
  for (const row of known) row.wasReady = row.live?.state === 'ready';
}

async function askRow(row) {
  const text = addresses.get(row.student);
  const url = statusUrl(text);
  if (url === null) return turn(row, 'wrong', 'write 203.0.113.5, host:8080 or https://host');
  asking += 1;
  row.asked = Date.now();
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), PATIENCE);
  // Of a machine that is off, forbidden or no machine at all a browser tells the same.
  const answer = await load(url, control.signal).catch(() => null);
  let found = ['silent', ''];
  try {
    if (answer !== null) found = told(JSON.parse(answer));
  } catch {
    found = ['odd', ''];
  }
  clearTimeout(timer);
  control.abort();
  asking -= 1;
  if (addresses.get(row.student) === text) turn(row, ...found);
}

/** Asks who has waited longest; a page that nobody sees asks nobody. */
function askSome() {
  if (document.hidden) return;
  const due = rows.filter((row) => addresses.has(row.student) && !(Date.now() - row.asked < PAUSE));
  due.sort((one, other) => (one.asked ?? 0) - (other.asked ?? 0));
  due.slice(0, JOBS - asking).forEach(askRow);
}

function place(row, text) {
  if (text.trim() === '') addresses.delete(row.student);
  else addresses.set(row.student, text.trim());
  row.asked = row.live = undefined;
  showLive(row);
}

function placed() {
  keepAddresses();
  countLive();
  askSome();
}

/** Takes a list of students and addresses; says how many lines are of nobody. */
function takeList(text) {
  const known = new Map();
  for (const row of rows) {
    for (const name of [row.name, row.host, row.student]) if (name) known.set(fold(name.trim()), row);
  }
  let [taken, lost] = [0, 0];
  for (const line of text.split(/\r?\n/).filter((line) => line.trim() !== '')) {
    const cells = line.split(/[\t,;]|(?<=\S) +/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const address = cells.find(isAddress);
    const whole = address && line.replace(address, '').replace(/[\t,;"]/g, ' ').trim();
    const row = [...cells, whole].map((cell) => known.get(fold(cell ?? ''))).find(Boolean);
    if (address && row) place(row, address);
    if (address && row) taken += 1;
    else if (address) lost += 1;
  }
  return [taken, lost];
}

function onList() {
  const [taken, lost] = takeList(element('list-text').value);
  placed();
  const nobody = lost > 0 ? ` ${number(lost)} lines are of nobody here.` : '';
  element('list-said').textContent = `${number(taken)} addresses taken.${nobody}`;
  if (taken > 0 && lost === 0) element('list').close();
}

function startLive() {
  element('list-open').addEventListener('click', () => element('list').showModal());
  element('list-take').addEventListener('click', onList);
  element('unready').addEventListener('change', filter);
  body.addEventListener('change', ({ target }) => {
    if (!target.row) return;
    place(target.row, target.value);
    placed();
  });
  document.addEventListener('visibilitychange', askSome);
  countLive();
  setInterval(askSome, 500);
  askSome();
}

start();
