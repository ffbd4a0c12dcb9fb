/**
 * What there is one of per process, however many copies of this package it holds (ESM and CommonJS are two).
 *
 * Kept on `globalThis` under a registered symbol. Names are the owners' own: this package's is `trackers`.
 */

const processKey = Symbol.for("cmdrdata.process/1");

/** The state of this process; made empty at first use. */
export function processState(): Record<string, unknown> {
  const holder = globalThis as { [processKey]?: Record<string, unknown> };
  return (holder[processKey] ??= {});
}
