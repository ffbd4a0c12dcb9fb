import { gzipSync } from "node:zlib";

import { expect, it } from "vitest";

import { receivedAs } from "./received-as.ts";

const ledgerOf = (value: unknown) => ({
  body: async () =>
    value === undefined ? undefined : { encoding: "gzip" as const, bytes: gzipSync(JSON.stringify(value)) },
});
const at = (position: number) => ({ bodyId: 1, position });

it("finds an event in each form of a body", async () => {
  expect(await receivedAs(ledgerOf([{ id: "a" }, { id: "b" }]), "t", at(1))).toEqual({ id: "b" });
  expect(await receivedAs(ledgerOf({ events: [{ id: "a" }] }), "t", at(0))).toEqual({ id: "a" });
  expect(await receivedAs(ledgerOf({ id: "a" }), "t", at(0))).toEqual({ id: "a" });
});

it("gives null for what is not kept, not any more, or was erased", async () => {
  expect(await receivedAs(ledgerOf([{ id: "a" }]), "t", null)).toBeNull();
  expect(await receivedAs(ledgerOf(undefined), "t", at(0))).toBeNull();
  expect(await receivedAs(ledgerOf([null]), "t", at(0))).toBeNull();
  expect(await receivedAs(ledgerOf(null), "t", at(0))).toBeNull();
});
