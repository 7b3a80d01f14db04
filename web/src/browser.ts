// What the module takes from the browser: random numbers, and the forms of Unicode.

/** The imports of a module, over the memory that it has. */
export function browser(memory: () => WebAssembly.Memory): Record<string, (...values: number[]) => number | void> {
  const bytes = (place: number, length: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(memory().buffer as ArrayBuffer, place, length);
  const text = (place: number, length: number): string =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes(place, length));
  let made = new Uint8Array();
  return {
    random: (place = 0, length = 0) => void crypto.getRandomValues(bytes(place, length)),
    is_mark: (letter = 0) => Number(/^\p{M}$/u.test(String.fromCodePoint(letter))),
    normalize: (name = 0, nameLength = 0, place = 0, length = 0) => {
      made = new TextEncoder().encode(text(place, length).normalize(text(name, nameLength)));
      return made.length;
    },
    normalized: (place = 0) => bytes(place, made.length).set(made),
  };
}
