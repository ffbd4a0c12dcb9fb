// Bun and Deno: a program that ends by itself, after a flush.
import { makeClient, talk } from "./calls.mjs";

const [url] = globalThis.process.argv.slice(2);
const client = makeClient(url);
const said = [await talk(client, "acme")];
// More than a kilobyte, so that it is packed.
await Promise.all(["a", "b", "c", "d"].map((customer) => talk(client, customer)));
await client.tracker.flush();
const { delivered, held, lastError } = client.tracker.metrics();
said.push(JSON.stringify({ delivered, held, lastError }));
globalThis.process.stdout.write(`${said.join("\n")}\n`);
