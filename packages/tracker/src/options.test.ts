import { readFileSync } from "node:fs";

import { CmdrdataError } from "@cmdrdata/protocol";
import { describe, expect, it } from "vitest";

import { jsonLogger } from "./logger.ts";
import { hookNames } from "./hooks.ts";
import {
  defaultEndpoint,
  numberOptions,
  resolveTrackerOptions,
  trackerOptionProblems,
  type TrackerOptions,
} from "./options.ts";

const key = "tk-0123456789abcdefghij";
const numberNames = Object.keys(numberOptions) as (keyof typeof numberOptions)[];
const defaults = Object.fromEntries(numberNames.map((name) => [name, numberOptions[name].default]));

const problemsOf = (options: object, env: Record<string, string> = {}) => trackerOptionProblems(options, env);

describe("resolveTrackerOptions", () => {
  it("has a default for everything but the key", () => {
    expect(resolveTrackerOptions({}, {})).toEqual({
      ...defaults,
      apiKey: undefined,
      endpoint: defaultEndpoint,
      ca: undefined,
      waitUntil: undefined,
      logger: jsonLogger,
      durability: "exit",
      spoolDir: undefined,
      spoolGroup: undefined,
      logLevel: "info",
      hooks: {},
    });
  });

  it("sends nowhere but to this machine unless told to", () => {
    expect(new URL(defaultEndpoint).hostname).toBe("127.0.0.1");
  });

  it("puts the environment before the default, and an option before both", () => {
    const env = { CMDRDATA_API_KEY: key, CMDRDATA_ENDPOINT: "https://env.example.com/", CMDRDATA_BATCH_EVENTS: "7" };
    expect(resolveTrackerOptions({}, env)).toMatchObject({
      apiKey: key,
      endpoint: "https://env.example.com/",
      batchEvents: 7,
    });
    const options = { apiKey: `${key}-2`, endpoint: "https://own.example.com/", batchEvents: 8 };
    expect(resolveTrackerOptions(options, env)).toMatchObject(options);
  });

  it("reads every number from its environment variable", () => {
    const env = Object.fromEntries(
      numberNames.map((name) => [numberOptions[name].env, String(numberOptions[name].max)]),
    );
    for (const name of numberNames) expect(resolveTrackerOptions({}, env)[name]).toBe(numberOptions[name].max);
  });

  it("takes an explicit undefined, and an empty variable, for nothing given", () => {
    const nothing: TrackerOptions = {
      apiKey: undefined,
      endpoint: undefined,
      batchEvents: undefined,
      security: undefined,
      logger: undefined,
    };
    const env = { CMDRDATA_API_KEY: key, CMDRDATA_ENDPOINT: "", CMDRDATA_BATCH_EVENTS: "" };
    expect(resolveTrackerOptions(nothing, env)).toMatchObject({
      apiKey: key,
      endpoint: defaultEndpoint,
      batchEvents: 1_000,
    });
  });

  it("takes durability and spool from the environment, and an option before it", () => {
    const env = { CMDRDATA_DURABILITY: "crash", CMDRDATA_SPOOL_DIR: "/from/env", CMDRDATA_SPOOL_GROUP: "env" };
    expect(resolveTrackerOptions({}, env)).toMatchObject({
      durability: "crash",
      spoolDir: "/from/env",
      spoolGroup: "env",
    });
    const options = { durability: "memory", spoolDir: "/own", spoolGroup: "own" } as const;
    expect(resolveTrackerOptions(options, env)).toMatchObject(options);
  });

  it("complains of durability, folder and group that are none", () => {
    expect(trackerOptionProblems({ durability: "disk", spoolDir: "", spoolGroup: 5 }, {})).toEqual([
      "durability: expected memory, exit or crash, got another text",
      "spoolDir: expected a text that is not empty, got another",
      "spoolGroup: expected a text that is not empty, got a number",
    ]);
    expect(trackerOptionProblems({ durability: 5, spoolDir: "a\0b" }, {})).toHaveLength(2);
    expect(trackerOptionProblems({}, { CMDRDATA_DURABILITY: "disk" })).toEqual([
      "CMDRDATA_DURABILITY: expected memory, exit or crash, got another text",
    ]);
  });

  it("ignores a bad variable where an option is given", () => {
    const env = { CMDRDATA_API_KEY: "bad", CMDRDATA_ENDPOINT: "bad", CMDRDATA_BATCH_EVENTS: "bad" };
    expect(problemsOf({ apiKey: key, endpoint: defaultEndpoint, batchEvents: 1 }, env)).toEqual([]);
  });

  it("is frozen, and apart from what it was made of", () => {
    const options = { batchEvents: 5 };
    const config = resolveTrackerOptions(options, {});
    options.batchEvents = 6;
    expect(Object.isFrozen(config)).toBe(true);
    expect(config.batchEvents).toBe(5);
  });

  it("says every problem at once, in one error with its code", () => {
    const options = { apiKey: "nope", endpoint: "nope", timeoutMs: 1, colour: "red", security: 1, logger: 1 };
    const env = { CMDRDATA_QUEUE_EVENTS: "many" };
    let thrown: unknown;
    try {
      resolveTrackerOptions(options as unknown as TrackerOptions, env);
    } catch (error) {
      thrown = error;
    }
    expect(CmdrdataError.is(thrown) && thrown.code).toBe("CMDR_OPTIONS_INVALID");
    const { message } = thrown as CmdrdataError;
    for (const name of [...Object.keys(options), "CMDRDATA_QUEUE_EVENTS"]) expect(message).toContain(`${name}: `);
  });
});

describe("trackerOptionProblems", () => {
  it("never repeats a key, wherever it was put", () => {
    const secrets = ["tk-short-secret", `${key} `, "sk-proj-0123456789abcdef"];
    for (const secret of secrets) {
      const env = { CMDRDATA_API_KEY: secret, CMDRDATA_ENDPOINT: secret, CMDRDATA_TIMEOUT_MS: secret };
      const given = { apiKey: secret, endpoint: secret, timeoutMs: secret, security: secret, logger: secret };
      const said = [...problemsOf({}, env), ...problemsOf(given)].join("\n");
      expect(said.split("\n")).toHaveLength(8);
      expect(said).not.toContain(secret.trim());
    }
  });

  it("says what a key looks like, and where the bad one came from", () => {
    expect(problemsOf({ apiKey: "nope" })[0]).toMatch(/^apiKey: expected a key like "tk-…".*got 4 characters/);
    expect(problemsOf({}, { CMDRDATA_API_KEY: "nope" })[0]).toMatch(/^CMDRDATA_API_KEY: expected a key/);
    expect(problemsOf({ apiKey: 7 })[0]).toMatch(/got a number$/);
  });

  it("knows no other options, and says which there are", () => {
    const [problem] = problemsOf({ batchEvent: 3 });
    expect(problem).toMatch(/^batchEvent: unknown option; expected one of apiKey, endpoint, /);
    for (const name of numberNames) expect(problem).toContain(name);
    expect(problemsOf({ ["x".repeat(1_000)]: 1 }).join().length).toBeLessThan(400);
  });

  it.each(numberNames)("takes %s within its range only, and only whole numbers", (name) => {
    const { min, max, env } = numberOptions[name];
    const expected = `expected an integer from ${min} to ${max}, got`;
    for (const value of [min, max]) {
      expect(problemsOf({ [name]: value })).toEqual([]);
      expect(problemsOf({}, { [env]: String(value) })).toEqual([]);
    }
    for (const value of [min - 1, max + 1, min + 0.5, NaN, Infinity]) {
      expect(problemsOf({ [name]: value })).toEqual([`${name}: ${expected} ${value}`]);
    }
    for (const value of [String(min), null, true, {}]) {
      expect(problemsOf({ [name]: value })).toEqual([`${name}: ${expected} a ${typeof value}`]);
    }
    expect(problemsOf({}, { [env]: "soon" })).toEqual([`${env}: ${expected} "soon"`]);
  });

  it("applies the endpoint policy, wherever the endpoint came from", () => {
    const remote = "http://collector.example.com/api/events";
    expect(problemsOf({ endpoint: remote })[0]).toMatch(/^endpoint: expected https:/);
    expect(problemsOf({}, { CMDRDATA_ENDPOINT: remote })[0]).toMatch(/^CMDRDATA_ENDPOINT: expected https:/);
    expect(problemsOf({ endpoint: remote, security: { allowInsecureHttp: true } })).toEqual([]);
    expect(problemsOf({ endpoint: remote, security: { allowInsecureHttp: false } })).toHaveLength(1);
    expect(problemsOf({ endpoint: 7 })).toEqual(["endpoint: expected a URL, got a number"]);
  });

  it("takes null for a mistake, not for nothing given", () => {
    for (const name of ["apiKey", "endpoint", "timeoutMs", "security", "logger"]) {
      const [problem, ...others] = problemsOf({ [name]: null }, { CMDRDATA_API_KEY: key });
      expect(problem).toMatch(new RegExp(`^${name}: `));
      expect(others).toEqual([]);
    }
  });

  it("takes CMDRDATA_ALLOW_INSECURE_HTTP where the option does not say", () => {
    const remote = { endpoint: "http://collector.example.com/api/events" };
    expect(problemsOf(remote, { CMDRDATA_ALLOW_INSECURE_HTTP: "on" })).toEqual([]);
    expect(problemsOf({ ...remote, security: {} }, { CMDRDATA_ALLOW_INSECURE_HTTP: "on" })).toEqual([]);
    for (const off of ["off", ""]) {
      expect(problemsOf(remote, { CMDRDATA_ALLOW_INSECURE_HTTP: off })[0]).toMatch(/^endpoint: expected https:/);
    }
    const strict = { ...remote, security: { allowInsecureHttp: false } };
    expect(problemsOf(strict, { CMDRDATA_ALLOW_INSECURE_HTTP: "on" })[0]).toMatch(/^endpoint: expected https:/);
    expect(problemsOf({}, { CMDRDATA_ALLOW_INSECURE_HTTP: "yes" })).toEqual([
      "CMDRDATA_ALLOW_INSECURE_HTTP: expected on or off",
    ]);
  });

  it("takes a level of the log, from the option or the environment", () => {
    expect(resolveTrackerOptions({ logLevel: "off" }, { CMDRDATA_TRACKER_LOG_LEVEL: "debug" }).logLevel).toBe("off");
    expect(resolveTrackerOptions({}, { CMDRDATA_TRACKER_LOG_LEVEL: "error" }).logLevel).toBe("error");
    expect(problemsOf({ logLevel: "loud" })).toEqual(["logLevel: expected one of off, error, warn, info, debug"]);
    expect(problemsOf({}, { CMDRDATA_TRACKER_LOG_LEVEL: "trace" })).toEqual([
      "CMDRDATA_TRACKER_LOG_LEVEL: expected one of off, error, warn, info, debug",
    ]);
  });

  it("takes functions as hooks, and nothing else", () => {
    const hook = (): void => {};
    expect(problemsOf({ onDrop: hook, onError: hook, onDelivered: undefined })).toEqual([]);
    expect(resolveTrackerOptions({ onDrop: hook }, {}).hooks).toEqual({ onDrop: hook });
    expect(problemsOf({ onDrop: "warn", onError: {}, onDelivered: 7 })).toEqual([
      "onDrop: expected a function, got a string",
      "onError: expected a function, got a object",
      "onDelivered: expected a function, got a number",
    ]);
  });

  it("takes a function for waitUntil, and nothing else", () => {
    expect(problemsOf({ waitUntil: () => {} })).toEqual([]);
    expect(problemsOf({ waitUntil: null })).toEqual(["waitUntil: expected a function that takes a promise, got null"]);
    expect(problemsOf({ waitUntil: {} })).toEqual([
      "waitUntil: expected a function that takes a promise, got an object",
    ]);
  });

  it("takes any logger shaped like console, and no other", () => {
    const log = (): void => {};
    expect(problemsOf({ logger: console })).toEqual([]);
    expect(problemsOf({ logger: { debug: log, info: log, warn: log, error: log } })).toEqual([]);
    for (const logger of [{ debug: log, info: log, warn: log }, log, "console"]) {
      expect(problemsOf({ logger })).toEqual([
        "logger: expected an object with debug, info, warn, error, like console",
      ]);
    }
  });
});

describe("docs/configuration.md", () => {
  const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");

  it.each(numberNames)("has the row of %s as it is in the code", (name) => {
    const { env, default: byDefault, min, max } = numberOptions[name];
    expect(page).toContain(`\n| \`${name}\` | \`${env}\` | ${byDefault} | ${min} to ${max} | `);
  });

  it("has no tracker option that there is not", () => {
    const section = page.split("\n## ").find((part) => part.startsWith("The tracker")) ?? "";
    const names = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    const others = [
      "apiKey",
      "endpoint",
      "logger",
      "logLevel",
      "security",
      "durability",
      "spoolDir",
      "spoolGroup",
      "waitUntil",
    ];
    expect(names).toHaveLength(numberNames.length + hookNames.length + others.length);
    expect(new Set(names)).toEqual(new Set([...numberNames, ...hookNames, ...others]));
  });

  it("has the default endpoint", () => {
    expect(page).toContain(`| \`endpoint\` | \`CMDRDATA_ENDPOINT\` | \`${defaultEndpoint}\` |`);
  });
});
