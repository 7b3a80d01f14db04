// Begins the page: unpacks its script, and then the module for it. A script that is put in later runs
// because the policy has its hash, too.

import { unpacked } from "./unpack";

declare global {
  /** The module, which is being unpacked. */
  var packedModule: Promise<ArrayBuffer>;
}

const text = unpacked("script").text();
globalThis.packedModule = unpacked("module").arrayBuffer();

void text.then((words) => {
  const script = document.createElement("script");
  script.textContent = words;
  document.head.append(script);
});
