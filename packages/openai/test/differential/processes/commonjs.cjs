// A CommonJS program: `require` of the bare or of the tracked client, and what it sees of both. Same arguments.
const { createRequire } = require("node:module");
const { join } = require("node:path");

const [folder = "", kind, , baseURL, trackerEndpoint] = process.argv.slice(2);
const requireThere = createRequire(join(folder, "program.cjs"));
const sdk = requireThere("openai");
const Client = requireThere(kind === "bare" ? "openai" : "cmdrdata-openai");
const tracking = kind === "bare" ? {} : { trackerKey: `tk-${"a".repeat(30)}`, trackerEndpoint, customerId: "acme" };
const options = { apiKey: "sk-test-0123456789", baseURL, maxRetries: 0, ...tracking };
const question = { model: "gpt-4o", messages: [{ role: "user", content: "What is a canary?" }] };
const say = (...words) => process.stdout.write(`${JSON.stringify(words)}\n`);

/** The client's classes are replaced, all else is the SDK's own; nothing is exported that the SDK lacks. */
function sayExports() {
  const names = Object.keys(sdk);
  say(names);
  const replaced = new Set(["OpenAI", "AzureOpenAI", "default"]);
  say(
    "other than the SDK's",
    names.filter((name) => !replaced.has(name) && Client[name] !== sdk[name]),
  );
  say(
    "undefined",
    Object.keys(Client).filter((name) => Client[name] === undefined),
  );
  say(Client.default === Client.OpenAI, Client.OpenAI.name, typeof Client, Reflect.get(Client, "__esModule") === true);
  say(typeof Client.prototype.request, Client.Chat === sdk.Chat, Client.APIError === sdk.OpenAI.APIError);
}

async function main() {
  sayExports();
  const made = [new Client(options), new Client.OpenAI(options), new Client.default(options)];
  say(made.map((client) => [client instanceof sdk.OpenAI, client instanceof Client.OpenAI, client.constructor.name]));
  say("instanceof the module", made[0] instanceof Client);
  class Extended extends Client {
    mine() {
      return "mine";
    }
  }
  say("extending the module", typeof new Extended(options).mine);
  class Mine extends Client.OpenAI {
    mine() {
      return "mine";
    }
  }
  const client = new Mine(options);
  say(client.mine(), client instanceof Mine);
  say((await client.chat.completions.create(question)).id);
  const ids = [];
  for await (const { id } of await client.chat.completions.create({ ...question, stream: true })) ids.push(id);
  say(ids);
  const error = await client.post("/refused", { body: {} }).catch((reason) => reason);
  say(error instanceof sdk.OpenAI.APIError, error instanceof Client.OpenAI.NotFoundError, error.status, error.message);
  await client.tracker?.flush();
}

void main();
