/** The objects a program holds: their classes, identities and looks are the SDK's. */
import { inspect } from "node:util";

import { question } from "../../harness.ts";
import type { Program } from "../program.ts";

/** When an answer was made, which is chance. */
const dates = /date: '[^']*'/g;

export const objects: readonly Program[] = [
  {
    name: "instanceof and class names",
    events: [],
    run: ({ client, Client, sdk }) => [
      client instanceof sdk.OpenAI,
      client instanceof Client,
      Client.name,
      client.constructor === Client,
      client.constructor.name,
      Object.getPrototypeOf(Client.prototype) !== null,
      client.chat.completions instanceof sdk.OpenAI.Chat.Completions,
      client.embeddings instanceof sdk.OpenAI.Embeddings,
    ],
  },
  {
    name: "the static members of the class",
    events: [],
    run: ({ Client, sdk }) => {
      const names = Object.keys(sdk.OpenAI).filter((name) => name !== "OpenAI");
      const own = sdk.OpenAI as unknown as Record<string, unknown>;
      const seen = Client as unknown as Record<string, unknown>;
      return [names, names.filter((name) => seen[name] !== own[name]), Client.OpenAI === Client];
    },
  },
  {
    name: "identity of resources and methods",
    events: [],
    run: ({ client }) => [
      client.chat === client.chat,
      client.chat.completions === client.chat.completions,
      client.chat.completions.create === client.chat.completions.create,
      client.chat.completions.create.name,
      client.chat.completions.create.length,
      client.responses === client.responses,
    ],
  },
  {
    name: "own properties of the client and of its resources",
    events: [],
    run: ({ client }) => [
      Object.keys(client),
      Reflect.ownKeys(client.chat).map(String),
      Reflect.ownKeys(client.chat.completions).map(String),
      Reflect.ownKeys(client.audio.transcriptions).map(String),
      JSON.stringify(Object.keys(client.beta)),
    ],
  },
  {
    name: "methods that are there, and that are not",
    events: [],
    run: ({ client }) => {
      const names: string[] = [];
      for (const name of ["get", "post", "put", "patch", "delete", "request", "requestAPIList", "getAPIList"]) {
        names.push(`${name} ${name in client}`);
      }
      return [...names, "withOptions" in client, "buildURL" in client, "fetchWithTimeout" in client];
    },
  },
  {
    name: "prints as the SDK's: client, promise, stream, iterator, response",
    events: ["estimated"],
    run: async ({ client, note }) => {
      const call = client.chat.completions.create({ ...question, stream: true });
      note(inspect(call, { depth: 1 }));
      const stream = await call;
      const iterator = stream[Symbol.asyncIterator]();
      for (const each of [client, client.chat, client.chat.completions, call, stream, iterator]) {
        note(inspect(each, { depth: 1 }));
      }
      await iterator.next();
      await iterator.return?.();
      const raw = await client.models.list().asResponse();
      note(inspect(raw, { depth: 0 }).replaceAll(dates, ""));
    },
  },
  {
    name: "a method taken off its object, a spy in the place of another, a subclass",
    events: ["reported", "reported"],
    run: async ({ client, Client, options, note }) => {
      const { completions } = client.chat;
      const create = completions.create.bind(completions);
      note((await create(question)).id);
      const spied: unknown[] = [];
      const { create: original } = client.embeddings;
      client.embeddings.create = ((...args: unknown[]) => spied.push(args)) as never;
      note([client.embeddings.create({ model: "m", input: "…" }), spied]);
      client.embeddings.create = original;
      class Mine extends Client {
        extra(): string {
          return `mine at ${this.maxRetries}`;
        }
      }
      const mine = new Mine(options);
      note([mine.extra(), mine instanceof Mine, mine instanceof Client]);
      return mine.chat.completions.create(question);
    },
  },
  {
    name: "wrong options are refused by the same errors",
    events: [],
    run: ({ Client, options }) =>
      [{ maxRetries: -1 }, { timeout: "soon" }, { apiKey: undefined, maxRetries: 1.5 }].map((wrong) => {
        try {
          const made = new Client({ ...options, ...(wrong as object) });
          return made.maxRetries;
        } catch (error) {
          return error;
        }
      }),
  },
  {
    name: "withOptions: class, options, and still working",
    since: { major: 5, needs: "withOptions()" },
    events: ["reported", "reported"],
    run: async ({ client, Client }) => {
      const again = client
        .withOptions({ timeout: 1_000 })
        .withOptions({ maxRetries: 1, defaultHeaders: { "x-a": "b" } });
      return [
        again instanceof Client,
        [again.timeout, again.maxRetries, client.timeout, client.maxRetries],
        await again.chat.completions.create(question),
        await client.chat.completions.create(question),
      ];
    },
  },
  {
    name: "AzureOpenAI: deployment paths, headers, retries",
    events: ["reported", "reported"],
    run: async ({ AzureClient, options, server }) => {
      const { apiKey: _apiKey, ...rest } = options;
      const client = new AzureClient({
        ...rest,
        apiKey: "azure-0123456789",
        apiVersion: "2024-10-21",
        maxRetries: 1,
      } as never);
      server.next.push({ kind: "json", status: 503, body: {}, headers: { "retry-after-ms": "1" } });
      // A copy: Azure of openai 4.55 takes the model off the body.
      const first = await client.chat.completions.create({ ...question });
      const second = await client.embeddings.create({ model: "text-embedding-3-small", input: "…" });
      return [first, second, client.constructor.name];
    },
  },
];
