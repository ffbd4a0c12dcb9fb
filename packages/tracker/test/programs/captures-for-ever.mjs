/**
 * Captures events for as long as it lives, each written before the next, and says so: `captured <id>` on stdout, once
 * `capture` has returned. Takes over what those before it left.
 */
import { writeSync } from "node:fs";

const built = new URL("../../dist/esm/index.js", import.meta.url);
const { createTracker, resolveTrackerOptions } = await import(built.href);
const { emptyEvent } = await import("@cmdrdata/protocol");

const [, , name, endpoint, spoolDir] = process.argv;
const options = { apiKey: "tk-0123456789abcdefghij", endpoint, spoolDir, durability: "crash", flushAfterMs: 5 };
const tracker = createTracker(resolveTrackerOptions(options, {}));
let number = 0;

function captureSome() {
  for (let count = 0; count < 20; count += 1) {
    const id = `${name}-${(number += 1)}`;
    tracker.capture({ ...emptyEvent, id, metadata: { filler: "x".repeat((number * 37) % 500) } });
    // Synchronously, so that a kill cannot come between the two.
    writeSync(1, `${id}\n`);
  }
  setTimeout(captureSome, 2);
}
captureSome();
