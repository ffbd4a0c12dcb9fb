/** Whom the tracker sends to: real TLS servers with certificates of every kind. */
import { anEvent, scriptedCollector, type SelfSigned, selfSigned, testAuthority } from "@cmdrdata/testkit";
import { afterEach, describe, expect, it } from "vitest";

import { createTracker, resolveTrackerOptions, type TrackerOptions } from "../src/index.ts";
import { key, recordingLogger } from "./make-tracker.ts";

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const authority = testAuthority();
const past = { from: new Date("2020-01-01T00:00:00Z"), until: new Date("2021-01-01T00:00:00Z") };
const future = { from: new Date("2048-01-01T00:00:00Z"), until: new Date("2049-01-01T00:00:00Z") };

/** Sends one event to a server with this certificate, until there is an outcome. */
async function sendTo(tls: SelfSigned, options: TrackerOptions = {}, env = {}, scheme = "https") {
  const collector = await scriptedCollector([], tls);
  cleanups.push(() => collector.close());
  const endpoint = collector.url.replace("https", scheme);
  const logger = recordingLogger();
  const config = resolveTrackerOptions({ apiKey: key, endpoint, flushAfterMs: 1, logger, ...options }, env);
  const tracker = createTracker(config);
  cleanups.push(() => tracker.shutdown(0));
  tracker.capture(anEvent());
  while (tracker.metrics().lastError === null && tracker.metrics().held > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { collector, metrics: tracker.metrics(), lines: logger.lines };
}

const trusted = { security: { ca: authority.cert } };

describe("the collector's certificate", () => {
  it.each<[string, () => SelfSigned, TrackerOptions, string]>([
    ["is self-signed", () => selfSigned(), {}, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["is self-signed, where another authority is trusted", () => selfSigned(), trusted, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["is of an unknown authority", () => authority.issue(), {}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    [
      "is of an authority of the same name",
      () => testAuthority().issue(),
      trusted,
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE",
    ],
    ["is for another host", () => authority.issue({ host: "example.com" }), trusted, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["has expired", () => authority.issue(past), trusted, "CERT_HAS_EXPIRED"],
    ["is not valid yet", () => authority.issue(future), trusted, "CERT_NOT_YET_VALID"],
  ])(
    "is refused when it %s: nothing is sent, the event is held, the reason is said",
    async (_why, tls, options, code) => {
      const { collector, metrics, lines } = await sendTo(tls(), options);
      expect(collector.requests).toEqual([]);
      expect(metrics).toMatchObject({ delivered: 0, held: 1, sentBytes: 0 });
      expect(metrics.lastError?.message).toMatch(new RegExp(`certificate .*(${code})`));
      expect(lines.join("\n")).toMatch(new RegExp(code));
      expect(lines.join("\n")).not.toContain(key);
    },
  );

  it("is refused also where the process's environment turns all checks off", async () => {
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    cleanups.push(() => {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    });
    const { collector, metrics } = await sendTo(selfSigned());
    expect(collector.requests).toEqual([]);
    expect(metrics.lastError?.message).toContain("is self-signed");
  });

  it.each(["https", "HTTPS"])("is taken for %s: when an authority vouches for it that is given", async (scheme) => {
    const { collector, metrics } = await sendTo(authority.issue(), trusted, {}, scheme);
    expect(metrics).toMatchObject({ delivered: 1, held: 0, lastError: null });
    expect(collector.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
  });

  it("is taken when it is given itself", async () => {
    const own = selfSigned();
    const { metrics } = await sendTo(own, { security: { ca: [authority.cert, Buffer.from(own.cert)] } });
    expect(metrics).toMatchObject({ delivered: 1, lastError: null });
  });
});

it("sends nothing to a server that speaks plain HTTP where HTTPS is asked for", async () => {
  const collector = await scriptedCollector();
  cleanups.push(() => collector.close());
  const endpoint = collector.url.replace("http:", "https:");
  const tracker = createTracker(
    resolveTrackerOptions({ apiKey: key, endpoint, flushAfterMs: 1, logger: recordingLogger() }, {}),
  );
  cleanups.push(() => tracker.shutdown(0));
  tracker.capture(anEvent());
  while (tracker.metrics().lastError === null) await new Promise((resolve) => setImmediate(resolve));
  expect(collector.requests).toEqual([]);
  expect(tracker.metrics()).toMatchObject({ delivered: 0, held: 1 });
});
