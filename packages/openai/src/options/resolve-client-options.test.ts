import { CmdrdataError } from "@cmdrdata/protocol";
import type { Tracker } from "@cmdrdata/tracker";
import { describe, expect, it } from "vitest";

import { recordingTracker, silent } from "../../test/harness.ts";
import { type Environment, passOn, readEnvironment, resolveClientOptions } from "./resolve-client-options.ts";

const key = `tk-${"k".repeat(40)}`;
const resolve = (options: object, environment: Environment = {}) =>
  resolveClientOptions({ logger: silent, ...options }, environment);

function problemsOf(options: object, environment?: Environment): string[] {
  try {
    resolve(options, environment);
  } catch (error) {
    expect(CmdrdataError.is(error) && error.code).toBe("CMDR_OPTIONS_INVALID");
    expect((error as Error).message).not.toContain("secret");
    return (error as Error).message.split("\n- ").slice(1);
  }
  return [];
}

describe("resolveClientOptions", () => {
  it("takes cmdrdata's options off, and leaves the SDK's as they are", () => {
    const { sdkOptions, tracking } = resolve({ apiKey: "sk-x", timeout: 5, trackerKey: key, customerId: "acme" });
    expect(Object.keys(sdkOptions)).toEqual(["logger", "apiKey", "timeout"]);
    expect(tracking).toMatchObject({ customerId: "acme", includeUsage: "auto" });
    expect(tracking.tracker.metrics().state).toBe("running");
  });

  it("leaves options of a class as they are, inherited getters and all", () => {
    class Settings {
      get apiKey(): string {
        return "sk-x";
      }
    }
    const settings = new Settings();
    const environment = { CMDRDATA_API_KEY: key };
    expect(resolveClientOptions(settings, environment).sdkOptions).toBe(settings);
    const more = Object.assign(new Settings(), { customerId: "acme" });
    const { sdkOptions } = resolveClientOptions(more, environment);
    expect([sdkOptions.apiKey, sdkOptions, Object.keys(sdkOptions)]).toEqual(["sk-x", expect.any(Settings), []]);
  });

  it("reads key and endpoint from the environment when none is given", () => {
    const environment = { CMDRDATA_API_KEY: key, CMDRDATA_ENDPOINT: "https://collector.example/api/events" };
    const fromEnvironment = resolve({}, environment).tracking.tracker;
    const given = { trackerKey: key, trackerEndpoint: "https://collector.example/api/events" };
    expect(resolve(given).tracking.tracker).toBe(fromEnvironment);
    expect(resolve({ ...given, trackerTimeout: 1_234 }).tracking.tracker).not.toBe(fromEnvironment);
    expect(resolve({ ...given, tracker: { flushAfterMs: 7 } }).tracking.tracker).not.toBe(fromEnvironment);
    expect(readEnvironment()).toBe(process.env);
  });

  it("has the tracker log at the level of the client, where that is one", () => {
    const warningsAt = (logLevel: string, endpoint: string): number => {
      let warnings = 0;
      const logger = { ...silent, warn: () => (warnings += 1) };
      resolve({ logger, logLevel, trackerEndpoint: endpoint });
      return warnings;
    };
    expect(warningsAt("warn", "https://level-warn.example/")).toBe(1);
    expect(warningsAt("off", "https://level-off.example/")).toBe(0);
    expect(warningsAt("loud", "https://level-loud.example/")).toBe(1);
  });

  it("is unconfigured, and no error, without any key", () => {
    const warnings: string[] = [];
    const logger = { ...silent, warn: (line: string) => warnings.push(line) };
    const options = { logger, trackerEndpoint: "https://unconfigured.example/api/events" };
    const { tracker } = resolve(options).tracking;
    expect(tracker.metrics().state).toBe("unconfigured");
    expect(resolve(options).tracking.tracker).toBe(tracker);
    expect(warnings).toHaveLength(1);
  });

  it("throws one error that lists every problem, under the names given", () => {
    const problems = problemsOf({
      trackerKey: "secret",
      trackerEndpoint: "http://collector.example/api/events",
      trackerTimeout: "5",
      trackerURL: "x",
      customer_id: "acme",
      include_usage: true,
      trackUsage: false,
      customerId: " ",
      includeUsage: "sometimes",
      tracker: { flushEvery: 5 },
    });
    expect(problems.map((problem) => problem.replace(/:.*/, "")).toSorted()).toEqual(
      [
        ["customerId", "customer_id", "flushEvery", "includeUsage", "include_usage", "trackUsage"],
        ["trackerEndpoint", "trackerKey", "trackerTimeout", "trackerURL"],
      ].flat(),
    );
    expect(problems.join()).toContain("did you mean customerId?");
    expect(problems.join()).toContain("give track_usage with a call");
  });

  it.each([
    [{ customerID: "a" }, /customerID: unknown option; did you mean customerId/],
    [{ customerId: 5 }, /customerId: expected a text, got a number|customerId: expected a text/],
    [{ tracker: "secret" }, /tracker: expected a tracker or its options, got string/],
    [{ tracker: null }, /tracker: .* got null/],
    [{ openTelemetry: "secret" }, /openTelemetry: expected true or false, got string/],
    [{ includeUsage: "secret" }, /includeUsage: expected "auto", "always" or "never", got string/],
    [{ attributionStore: "secret" }, /attributionStore: expected an object with get\(id\) and set\(.*\), got string/],
    [{ attributionStore: null }, /attributionStore: .* got null/],
    [{ attributionStore: new Set() }, /attributionStore: .* got object/],
    [{ AttributionStore: new Map() }, /AttributionStore: unknown option; did you mean attributionStore/],
    [{ waitUntil: "secret" }, /waitUntil: expected a function that takes a promise, got a string/],
    [{ tracker: recordingTracker(), waitUntil: () => {} }, /waitUntil: the tracker that is given has its own/],
    [{ tracker: { durability: "secret" } }, /durability: expected memory, exit or crash, got another text/],
    [{ tracker: recordingTracker(), trackerKey: key }, /trackerKey: the tracker that is given has its own/],
  ])("says what is wrong with %o", (options, problem) => {
    const problems = problemsOf(options);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it("turns OpenTelemetry off by option or environment, the option first", () => {
    const on = (options: object, value?: string): boolean =>
      resolve(options, { CMDRDATA_API_KEY: key, CMDRDATA_OPEN_TELEMETRY: value }).tracking.openTelemetry;
    expect([on({}), on({}, ""), on({}, "on"), on({ openTelemetry: true }, "off")]).toEqual([true, true, true, true]);
    expect([on({}, "off"), on({ openTelemetry: false }, "on")]).toEqual([false, false]);
    expect(problemsOf({}, { CMDRDATA_OPEN_TELEMETRY: "secret" })).toEqual([
      "CMDRDATA_OPEN_TELEMETRY: expected on or off",
    ]);
  });

  it("complains of a malformed key of the environment too", () => {
    expect(problemsOf({}, { CMDRDATA_API_KEY: "secret" })[0]).toMatch(/^CMDRDATA_API_KEY: /);
  });
});

describe("options of a client made of another", () => {
  const given = { trackerKey: key, trackerEndpoint: "https://one.example/api/events", customerId: "acme" };
  const again = (first: object, options: object): { tracker: Tracker; customerId: string | undefined } =>
    resolve(passOn(resolve(first).given, options)).tracking;

  it("are the same tracker and customer, unless something else is given", () => {
    const { tracker } = resolve(given).tracking;
    expect(again(given, {})).toMatchObject({ tracker, customerId: "acme" });
    expect(again(given, { customerId: "globex" })).toMatchObject({ tracker, customerId: "globex" });
    expect(again(given, { trackerEndpoint: "https://two.example/api/events" }).tracker).not.toBe(tracker);
  });

  it("keep waitUntil and its tracker, unless another is given", () => {
    const [waitUntil, another] = [() => {}, () => {}];
    const { tracker } = resolve({ ...given, waitUntil }).tracking;
    expect(tracker).not.toBe(resolve(given).tracking.tracker);
    expect(again({ ...given, waitUntil }, {}).tracker).toBe(tracker);
    expect(again(given, { waitUntil }).tracker).toBe(tracker);
    expect(again(given, { waitUntil: another }).tracker).not.toBe(tracker);
  });

  it("take another tracker for the whole connection", () => {
    const tracker = recordingTracker();
    expect(again(given, { tracker })).toMatchObject({ tracker, customerId: "acme" });
    expect(again({ tracker, customerId: "acme" }, {})).toMatchObject({ tracker, customerId: "acme" });
  });

  it("keep the attribution store, also with another tracker", () => {
    const attributionStore = new Map();
    expect(again({ ...given, attributionStore }, {})).toMatchObject({ attributionStore });
    expect(again({ ...given, attributionStore }, { tracker: recordingTracker() })).toMatchObject({ attributionStore });
  });

  it("read an undefined option as none", () => {
    expect(again(given, { customerId: undefined })).toMatchObject({ customerId: "acme" });
  });
});
