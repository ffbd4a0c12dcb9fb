import { describe, expect, it } from "vitest";

import type { IngestAnswer } from "./commit.ts";
import { createGroupCommit, type GroupLimits } from "./group-commit.ts";
import type { RawRequest } from "./prepare.ts";

const request = (bytes: number, encoding: RawRequest["encoding"] = "identity"): RawRequest => ({
  tenant: "t",
  body: new Uint8Array(bytes),
  encoding,
  receivedAtMs: 0,
});
const stored = (message: string): IngestAnswer => ({ kind: "failed", message });

/** Groups as they were begun, by sizes; each ends when the test says so. */
function makeGroups(limits: Partial<GroupLimits> = {}) {
  const begun: (readonly number[])[] = [];
  const endings: (() => void)[] = [];
  const answered: number[] = [];
  const groups = createGroupCommit<{ readonly number: number; readonly request: RawRequest }>({
    limits: { groupsAtOnce: 1, mostRequests: 3, mostBytes: 100, ...limits },
    commit: async (requests) => {
      begun.push(requests.map(({ body }) => body.byteLength));
      await new Promise<void>((resolve) => void endings.push(resolve));
      return requests.map(({ body }) => stored(`${body.byteLength}`));
    },
    answer: ({ number }, answer) => {
      expect(answer.kind).toBe("failed");
      answered.push(number);
    },
  });
  let number = 0;
  return {
    begun,
    answered,
    groups,
    add: (...requests: readonly RawRequest[]) =>
      requests.forEach((each) => groups.add({ number: (number += 1), request: each })),
    endOne: async () => {
      endings.shift()?.();
      await turn();
    },
  };
}

/** Two turns of the event loop: what was planned has begun then. */
const turn = async (): Promise<void> => {
  for (let times = 0; times < 2; times += 1) await new Promise((resolve) => void setImmediate(resolve));
};

describe("createGroupCommit", () => {
  it("takes together what has come, up to the number of requests, and the rest after", async () => {
    const { add, begun, answered, endOne } = makeGroups();
    add(...[1, 2, 3, 4].map((bytes) => request(bytes)));
    await turn();
    expect(begun).toEqual([[1, 2, 3]]);
    add(request(5));
    await endOne();
    expect(begun).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    await endOne();
    expect(answered).toEqual([1, 2, 3, 4, 5]);
  });

  it("takes no more bytes than the limit, of gzip eight times as many, and a large request alone", async () => {
    const { add, begun, endOne } = makeGroups({ mostRequests: 10 });
    add(request(60), request(40), request(1), request(13, "gzip"), request(500), request(2));
    await turn();
    for (let times = 0; times < 4; times += 1) await endOne();
    expect(begun).toEqual([[60, 40], [1], [13], [500], [2]]);
  });

  it("has so many groups under way as are allowed, and no more", async () => {
    const { add, begun, endOne } = makeGroups({ groupsAtOnce: 2, mostRequests: 1 });
    add(request(1), request(2), request(3));
    await turn();
    expect(begun).toEqual([[1], [2]]);
    await endOne();
    expect(begun).toEqual([[1], [2], [3]]);
  });

  it("is drained when all is answered, at once when there is nothing", async () => {
    const { add, groups, answered, endOne } = makeGroups();
    await groups.drained();
    add(request(1));
    const drained = groups.drained();
    await turn();
    expect(answered).toEqual([]);
    await endOne();
    await drained;
    expect(answered).toEqual([1]);
  });
});
