/** Loads the package twice in one process, as ESM and as CommonJS, and prints what the two share. */
import { createRequire } from "node:module";

const built = new URL("../../dist/", import.meta.url);
const esm = await import(new URL("esm/index.js", built).href);
const cjs = createRequire(built)("./cjs/index.js");

const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const share = (copy, overrides = {}) =>
  copy.sharedTracker(copy.resolveTrackerOptions({ apiKey: "tk-0123456789abcdefghij", logger, ...overrides }, {}));

const first = share(esm);
const answers = {
  twoCopies: esm.sharedTracker !== cjs.sharedTracker,
  sameTracker: share(cjs) === first,
  sameForOtherConfig: share(cjs, { batchEvents: 7 }) === first,
};
await first.shutdown();
answers.sameAfterShutdown = share(cjs) === first;
answers.sameAgain = share(cjs) === share(esm);
process.stdout.write(JSON.stringify(answers));
