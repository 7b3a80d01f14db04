'use strict';

// The page is written again and again; when it is not, it says how old it is.
const age = document.getElementById('age');
const { stamp, every, ended } = age.dataset;

function tell() {
  const seconds = Math.max(0, Math.round((Date.now() - stamp) / 1000));
  const at = new Date(Number(stamp)).toLocaleTimeString();
  const old = seconds * 1000 > 3 * every + 10000;
  age.textContent = ended === 'true' ? `ended at ${at}` : old ? `OLD: of ${at}, ${seconds} s ago` : `at ${at}`;
  age.classList.toggle('old', old && ended !== 'true');
}

tell();
setInterval(tell, 1000);
