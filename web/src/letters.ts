// Bytes as text that a page can carry: 13 bits in two of 91 printable letters, which takes 23 % more
// room than the bytes, and base64 33 %. `<` is none of the letters, so nothing in the text is HTML.

const [FIRST, LEFT_OUT, MANY] = [35, 60, 91];

/** The bits in two letters, and in one that is left over. */
const [BITS, LAST] = [13, 6];

/** The bytes in a text of letters. */
export function fromLetters(text: string): Uint8Array<ArrayBuffer> {
  const digit = (at: number): number => {
    const code = text.charCodeAt(at);
    return code - FIRST - (code > LEFT_OUT ? 1 : 0);
  };
  const pairs = text.length >> 1;
  const bytes = new Uint8Array((pairs * BITS + (text.length % 2) * LAST) >> 3);
  let [bits, many, next] = [0, 0, 0];
  const take = (value: number, size: number): void => {
    bits = (bits << size) | value;
    for (many += size; many >= 8; ) bytes[next++] = bits >> (many -= 8);
    bits &= (1 << many) - 1;
  };
  for (let at = 0; at < 2 * pairs; at += 2) take(digit(at) * MANY + digit(at + 1), BITS);
  if (text.length % 2 > 0) take(digit(2 * pairs), LAST);
  return bytes;
}

/** Bytes as letters. */
export function toLetters(bytes: Uint8Array): string {
  const letters: string[] = [];
  const put = (digit: number): void => {
    const code = FIRST + digit;
    letters.push(String.fromCharCode(code < LEFT_OUT ? code : code + 1));
  };
  const pair = (value: number): void => {
    put(Math.floor(value / MANY));
    put(value % MANY);
  };
  let [bits, many] = [0, 0];
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    many += 8;
    if (many >= BITS) {
      pair(bits >> (many -= BITS));
      bits &= (1 << many) - 1;
    }
  }
  if (many > LAST) pair(bits << (BITS - many));
  else if (many > 0) put(bits << (LAST - many));
  return letters.join("");
}
