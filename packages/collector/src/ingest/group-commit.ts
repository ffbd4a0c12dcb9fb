/**
 * Shares transactions among the requests that wait (group commit).
 *
 * Promise: every request is answered once, after its transaction. At most `groupsAtOnce` transactions are under way; what
 * comes meanwhile is one of the next groups, as large as the limits allow. Alone, a request does not wait for others.
 */
import type { IngestAnswer } from "./commit.ts";
import type { RawRequest } from "./prepare.ts";

export interface GroupLimits {
  /** Transactions at the same time. */
  readonly groupsAtOnce: number;
  /** Enough to share a transaction's cost, few enough that none waits long. */
  readonly mostRequests: number;
  /** Bytes of JSON, about; a single request may have more. */
  readonly mostBytes: number;
}

export interface GroupCommit<Call> {
  add(call: Call): void;
  /** Resolves when all that was added is answered. */
  drained(): Promise<void>;
}

export function createGroupCommit<Call extends { readonly request: RawRequest }>(deps: {
  readonly limits: GroupLimits;
  readonly commit: (requests: readonly RawRequest[]) => Promise<readonly IngestAnswer[]>;
  readonly answer: (call: Call, answer: IngestAnswer) => void;
}): GroupCommit<Call> {
  const queue: Call[] = [];
  const waiting: (() => void)[] = [];
  let groups = 0;
  let planned = false;
  const run = async (): Promise<void> => {
    groups += 1;
    const group = takeGroup(queue, deps.limits);
    const answers = await deps.commit(group.map(({ request }) => request));
    for (const [index, call] of group.entries()) deps.answer(call, answers[index] as IngestAnswer);
    groups -= 1;
    plan();
  };
  const begin = (): void => {
    planned = false;
    while (queue.length > 0 && groups < deps.limits.groupsAtOnce) void run();
    if (queue.length === 0 && groups === 0) for (const resolve of waiting.splice(0)) resolve();
  };
  /** Lets the messages that are already there come in first. */
  const plan = (): void => {
    if (planned) return;
    planned = true;
    setImmediate(begin);
  };
  return {
    add: (call) => {
      queue.push(call);
      plan();
    },
    drained: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        plan();
      }),
  };
}

/** What JSON of events shrinks to by gzip. */
const gzipShare = 1 / 8;

function takeGroup<Call extends { readonly request: RawRequest }>(queue: Call[], limits: GroupLimits): Call[] {
  let bytes = 0;
  let count = 0;
  for (const { request } of queue.slice(0, limits.mostRequests)) {
    bytes += request.body.byteLength / (request.encoding === "gzip" ? gzipShare : 1);
    if (count > 0 && bytes > limits.mostBytes) break;
    count += 1;
  }
  return queue.splice(0, count);
}
