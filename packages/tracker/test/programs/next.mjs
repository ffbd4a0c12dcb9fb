/** The next process: delivers what others left, and prints how many it took over. */
const built = new URL("../../dist/esm/index.js", import.meta.url);
const { createTracker, resolveTrackerOptions } = await import(built.href);

const [, , endpoint, spoolDir] = process.argv;
const options = { apiKey: "tk-0123456789abcdefghij", endpoint, spoolDir, spoolGroup: "table" };
const tracker = createTracker(resolveTrackerOptions(options, {}));
await tracker.flush();
const { adopted, delivered, held } = tracker.metrics();
process.stdout.write(JSON.stringify({ adopted, delivered, held }));
