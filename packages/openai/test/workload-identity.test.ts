/** A token that is refused is renewed and the call sent again, with a copy of its options: it is one call all the same. */
import BareOpenAI from "openai";
import { expect, it } from "vitest";

import { OpenAI, track, trackedFetch } from "../src/index.ts";
import { collect, onlyEvent, question, recordingTracker, silent, useBench } from "./harness.ts";

const bench = useBench();

it.each(["a tracked client", "a twin"])(
  "a call of %s whose token is refused is asked for its usage again",
  async (kind) => {
    const { server } = bench();
    const tracker = recordingTracker();
    let tokens = 0;
    const exchange = (): Response => Response.json({ access_token: `token ${(tokens += 1)}`, expires_in: 3_600 });
    const fetch = trackedFetch({
      tracker,
      customerId: "the fetch below",
      logger: silent,
      fetch: async (input, init) =>
        typeof input === "string" && input.startsWith(server.baseURL) ? globalThis.fetch(input, init) : exchange(),
    });
    const provider = { tokenType: "jwt", getToken: async () => "subject" } as const;
    const workloadIdentity = { identityProviderId: "i", serviceAccountId: "s", provider };
    const options = { baseURL: server.baseURL, logger: silent, maxRetries: 0, fetch, workloadIdentity };
    const ours = { tracker, includeUsage: "always", customerId: "acme" } as const;
    const client = kind === "a twin" ? track(new BareOpenAI(options), ours) : new OpenAI({ ...options, ...ours });
    server.next.push({ kind: "json", status: 401, body: {} });
    const chunks = await collect(await client.chat.completions.create({ ...question, stream: true }));
    expect(chunks.every(({ choices }) => choices.length > 0)).toBe(true);
    expect(server.requests.map(({ rawHeaders }) => rawHeaders.find((each) => each.startsWith("Bearer")))).toEqual([
      "Bearer token 1",
      "Bearer token 2",
    ]);
    expect(server.requests[1]?.body).toBe(server.requests[0]?.body);
    expect(onlyEvent(tracker)).toMatchObject({
      customer_id: "acme",
      usage: { source: "reported" },
      request: { retry_count: 1 },
    });
  },
);
