import { CmdrdataError } from "@cmdrdata/protocol";
import { describe, expect, it } from "vitest";

import { isCollision, isLockTimeout, isWithoutPartition, textOf, translateError } from "./database-errors.ts";

const failed = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`failed with ${code}`), { code, ...more });

describe("translateError", () => {
  it.each(["08006", "53300", "57P01", "57P02", "57P03", "25006", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND"])(
    "takes %s for what passes",
    (code) => {
      expect(translateError(failed(code))).toMatchObject({ code: "CMDR_DATABASE_UNREACHABLE", retryable: true });
    },
  );

  it.each([
    "Connection terminated unexpectedly",
    "Connection terminated due to connection timeout",
    "Query read timeout",
    "Client has encountered a connection error and is not queryable",
    "timeout exceeded when trying to connect",
  ])("takes '%s' for what passes", (message) => {
    expect(translateError(new Error(message))).toMatchObject({ code: "CMDR_DATABASE_UNREACHABLE" });
  });

  it.each(["23514", "22003", "42P01", "28P01", "3D000"])("leaves %s as it is", (code) => {
    const error = failed(code, { message: "relation connection timeout does not exist" });
    expect(translateError(error)).toBe(error);
  });

  it("says that the server's disk is full", () => {
    expect(translateError(failed("53100"))).toMatchObject({ code: "CMDR_DISK_FULL", retryable: true });
  });

  it("says that a report took too long, and leaves what is said already", () => {
    expect(translateError(failed("57014"))).toMatchObject({ code: "CMDR_QUERY_TOO_LONG", retryable: true });
    const said = new CmdrdataError("CMDR_SCHEMA_TOO_NEW", "said");
    expect(translateError(said)).toBe(said);
  });
});

it("tells collisions, missing partitions and locks that were not to be had", () => {
  expect([failed("40P01"), failed("40001"), failed("23505"), undefined].map(isCollision)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(isWithoutPartition(failed("23514"))).toBe(true);
  expect(isWithoutPartition(failed("23514", { constraint: "events_check" }))).toBe(false);
  expect(isLockTimeout(failed("55P03"))).toBe(true);
});

it("says what each address of a host answered", () => {
  const both = new AggregateError([new Error("connect ECONNREFUSED ::1"), new Error("connect ECONNREFUSED 127.0.0.1")]);
  expect(textOf(both)).toBe("connect ECONNREFUSED ::1, connect ECONNREFUSED 127.0.0.1");
  expect(textOf(Object.assign(new Error(""), { code: "ECONNRESET" }))).toBe("ECONNRESET");
  expect(textOf("odd")).toBe("odd");
});
