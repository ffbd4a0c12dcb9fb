/** Every secret through every path of an error: none comes out in a log, a hook, an error, health() or metrics(). */
import { inspect } from "node:util";

import { anEvent, fakeClock } from "@cmdrdata/testkit";
import { afterEach, describe, expect, it, vi } from "vitest";

import { createTracker, resolveTrackerOptions, type TransportResponse } from "../src/index.ts";
import { makeTracker } from "./make-tracker.ts";

afterEach(() => void vi.restoreAllMocks());

/** Each as it is written where it is used. */
const secrets: Readonly<Record<string, string>> = {
  "key of OpenAI": "sk-CANARY0aB1cD2eF3gH4iJ5kL6mN7oP8",
  "key of a project": "sk-proj-CANARY_0aB1-cD2eF3gH4iJ5kL6mN7",
  "key of a service account": "sk-svcacct-CANARY0aB1cD2eF3gH4iJ5",
  "key of an administrator": "sk-admin-CANARY0aB1cD2eF3gH4iJ5",
  "key of a realtime session": "ek_CANARY0aB1cD2eF3gH4iJ5",
  "id of an organization": "org-CANARY0aB1cD2eF3gH4",
  "id of a project": "proj_CANARY0aB1cD2eF3gH4",
  "our key": "tk-CANARY_0aB1cD2eF3gH4iJ5kL6",
  "Authorization, bearer": "Authorization: Bearer CANARY.0aB1cD2e.F3gH4",
  "Authorization, basic": "authorization: Basic Q0FOQVJZ-CANARY",
  "header of Azure": "api-key: CANARY0123456789abcdef",
  "query key": "https://api.example/v1?api-key=CANARY0123456789&x=1",
  "query signature": "https://blob.example/f?sig=CANARY%2B0123456789&se=1",
  "password in a URL": "https://me:CANARYpassword@api.example/v1",
  "JSON Web Token": "eyJhbGciOiJIUzI1NiJ9.eyJDQU5BUlkiOiJDQU5BUlkifQ.CANARY",
  "webhook secret": "whsec_CANARY0aB1cD2eF3gH4",
};
const prompt = "CANARY of a prompt: how do I tell my boss";
const file = "CANARY of a file: the salaries of 2026";

const everything = Object.values(secrets).join(" | ");

function expectClean(...outputs: readonly unknown[]): void {
  const text = inspect(outputs, { depth: Infinity, maxStringLength: Infinity, showHidden: true });
  expect(text).not.toMatch(/CANARY|Q0FOQVJZ|eyJDQU5B/);
}

type Failure = () => Promise<Partial<TransportResponse>>;
const rejecting =
  (reason: unknown): Failure =>
  () =>
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a transport may reject with anything
    Promise.reject(reason);
const answering =
  (response: Partial<TransportResponse>): Failure =>
  () =>
    Promise.resolve(response);
const rejected = (text: string): object => ({
  accepted: 0,
  rejected: [{ index: 0, id: text, code: text, field: text, message: text }],
});

/** What is thrown on the way: the runtime's own words, which may quote a header or a URL, and never a body. */
const rejections = (secret: string): Readonly<Record<string, Failure>> => ({
  "the transport's error": rejecting(new Error(`bad header: ${secret}`, { cause: new Error(secret) })),
  "an error that is a text": rejecting(secret),
  "an error that is JSON": rejecting(new Error(JSON.stringify({ text: `\n${secret}` }))),
  "an error with a URL in it": rejecting(new TypeError(`Failed to parse URL from ${encodeURI(secret)}`)),
});

/** What comes back may repeat everything that was sent. */
const answers = (secret: string): Readonly<Record<string, Failure>> => ({
  "a 500's body": answering({ status: 500, text: secret, headers: { "retry-after": secret, "x-debug": secret } }),
  "a redirect": answering({ status: 302, text: secret, headers: { location: `https://x.example/?${secret}` } }),
  "a refused key": answering({ status: 401, text: secret, headers: { "www-authenticate": secret } }),
  "a refused event": answering({ status: 400, text: secret }),
  "a reply that is no JSON": answering({ status: 200, text: `<html>${secret}</html>` }),
  "a reply with other fields": answering({ status: 200, text: JSON.stringify({ accepted: secret }) }),
  "a rejected event": answering({ status: 200, text: JSON.stringify(rejected(secret)) }),
});

async function runThrough(failure: Failure, fields: Parameters<typeof anEvent>[0]): Promise<void> {
  const news: unknown[] = [];
  const take = (each: unknown): void => {
    news.push(each);
    throw new Error(everything);
  };
  const stderr = vi.spyOn(console, "error").mockImplementation((line) => void news.push(line));
  const options = {
    apiKey: secrets["our key"],
    logLevel: "debug",
    onDrop: take,
    onError: take,
    onDelivered: take,
  } as const;
  const bench = makeTracker({ ...options, endpoint: `https://collector.example/api/events?key=${secrets["our key"]}` });
  bench.collector.send = async () => ({ status: 200, headers: {}, text: "", sentBytes: 0, ...(await failure()) });
  // The default log, on the real stderr's way.
  const clock = fakeClock();
  const second = createTracker(resolveTrackerOptions(options, {}), {
    clock,
    transport: bench.collector,
    openSpool: () => undefined,
    exitHooks: { add: () => {}, remove: () => {} },
  });
  for (const [tracker, at] of [[bench.tracker, bench.clock] as const, [second, clock] as const]) {
    tracker.capture(anEvent(fields));
    tracker.captureLater(anEvent(fields), () => Promise.reject(new Error(everything)));
    await at.advance(120_000);
    news.push(tracker.health(), tracker.metrics());
    const ended = tracker.shutdown(1);
    await at.advance(1);
    await ended;
    news.push(tracker.health(), tracker.metrics());
  }
  stderr.mockRestore();
  expect(bench.lines.length).toBeGreaterThan(0);
  expectClean(bench.lines, bench.contexts, news);
}

describe("the tracker", () => {
  it.each(Object.entries(secrets))("lets no %s out by any failure", async (_name, secret) => {
    for (const failure of Object.values({ ...rejections(secret), ...answers(secret) })) await runThrough(failure, {});
  });

  it("lets nothing out of what the program put into an event, or the collector says of it", async () => {
    const { usage } = anEvent();
    for (const text of [prompt, file]) {
      const fields = {
        metadata: { text },
        extra: { text },
        usage: { ...usage, raw: { text } },
        error: { occurred: true, type: text, code: text, message: text },
      };
      for (const answer of Object.values(answers(text))) await runThrough(answer, fields);
    }
  });

  it("takes keys out of the names that an event carries into a line", async () => {
    for (const secret of Object.values(secrets).filter((text) => !text.includes(" "))) {
      const request = { ...anEvent().request, id: secret };
      await runThrough(answering({ status: 400 }), { id: secret, customer_id: secret, request });
    }
  });

  it("lets nothing out when the program's own objects throw", async () => {
    const bench = makeTracker({ logLevel: "debug", waitUntil: () => Promise.reject(new Error(everything)) });
    const fail = (): never => {
      throw new Error(`${everything} ${prompt}`);
    };
    bench.tracker.capture(new Proxy(anEvent(), { get: fail, ownKeys: fail }));
    bench.tracker.capture(anEvent({ metadata: new Proxy({}, { get: fail, ownKeys: fail }) }));
    bench.tracker.captureLater(anEvent(), fail);
    bench.tracker.observe(fail);
    await bench.clock.advance(60_000);
    expectClean(bench.lines, bench.contexts, bench.tracker.health(), bench.tracker.metrics());
  });

  it("lets nothing out of options that are wrong, by message, stack or cause", () => {
    for (const secret of [...Object.values(secrets), `tk-CANARY ${prompt}`]) {
      const wrong = {
        apiKey: secret,
        endpoint: secret,
        timeoutMs: secret,
        logLevel: secret,
        durability: secret,
        spoolDir: `\0${secret}`,
        security: { ca: secret, allowInsecureHttp: secret },
        logger: secret,
        onDrop: secret,
        waitUntil: secret,
      };
      const env = Object.fromEntries(
        ["API_KEY", "ENDPOINT", "TIMEOUT_MS", "TRACKER_LOG_LEVEL", "DURABILITY", "CA_FILE", "ALLOW_INSECURE_HTTP"].map(
          (name) => [`CMDRDATA_${name}`, secret],
        ),
      );
      for (const [options, environment] of [[wrong, {}] as const, [{}, env] as const]) {
        try {
          resolveTrackerOptions(options as never, environment);
          expect.unreachable();
        } catch (error) {
          expect(error).toMatchObject({ code: "CMDR_OPTIONS_INVALID" });
          expectClean(error, (error as Error).stack);
        }
      }
    }
  });
});
