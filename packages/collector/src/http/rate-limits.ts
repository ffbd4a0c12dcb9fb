/**
 * Limits on how often: failed authentications per address, and what a key's quotas say.
 *
 * L1 an address that has failed to authenticate as often as it may in this minute is answered 429 without its key being
 * looked up, unless that key was found valid before: nobody shuts out those who share its address. L2 a key with a quota
 * gets `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) with every answer, and 429 with
 * `Retry-After` beyond it. L3 events count when they are taken, so that requests under way together may take more than the
 * quota by what they hold, at most 1,000 events each.
 * L4 when the counter fails, requests go on: a limit is worth no lost event.
 *
 * Replicas that share a counter learn of an address's failures with its next failure: each lets at most one more by.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { ApiKey } from "@cmdrdata/storage";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { Clock } from "../clock.ts";
import { minuteMs, type RateCounter, type RateUse } from "../limits/rate-counter.ts";
import { keyHashOf } from "./authenticate.ts";
import type { KeyDesk } from "./key-desk.ts";

export interface RateLimitsDeps {
  readonly counter: RateCounter;
  readonly desk: Pick<KeyDesk, "recent">;
  readonly clock: Pick<Clock, "now">;
  readonly authFailuresPerMinute: number;
}

/** Addresses that are remembered as having failed too often. */
const mostBlocked = 10_000;

const keyErrors: ReadonlySet<string> = new Set(["CMDR_KEY_INVALID", "CMDR_KEY_MISSING"]);

export function addRateLimits(server: FastifyInstance, deps: RateLimitsDeps): void {
  limitFailures(server, deps);
  limitKeys(server, deps);
}

function limitFailures(server: FastifyInstance, { counter, desk, clock, authFailuresPerMinute }: RateLimitsDeps): void {
  const blockedUntilMs = new Map<string, number>();
  server.addHook("onRequest", async (request, reply) => {
    const untilMs = blockedUntilMs.get(request.ip) ?? 0;
    if (untilMs <= clock.now() || request.headers.authorization === undefined) return;
    if (desk.recent(keyHashOf(request.headers.authorization)) !== undefined) return;
    const message = `expected at most ${authFailuresPerMinute} failed authentications a minute from this address`;
    refuse(reply, untilMs - clock.now(), message);
  });
  server.addHook("onError", async (request, _reply, error) => {
    if (!CmdrdataError.is(error) || !keyErrors.has(error.code)) return;
    const use = await count(request, () => counter.add(`failures ${request.ip}`, 1, clock.now()));
    if (use === undefined || use.used < authFailuresPerMinute) return;
    if (blockedUntilMs.size >= mostBlocked) blockedUntilMs.clear();
    blockedUntilMs.set(request.ip, clock.now() + use.endsInMs);
  });
}

function limitKeys(server: FastifyInstance, { counter, desk, clock }: RateLimitsDeps): void {
  server.decorateRequest("eventsTaken", 0);
  const limited = (request: FastifyRequest): ApiKey | undefined => {
    const key = desk.recent(keyHashOf(request.headers.authorization));
    return key?.requestsPerMinute === null && key.eventsPerMinute === null ? undefined : key;
  };
  // After the route's own onRequest: who asks is known then, and no body is read yet.
  server.addHook("preParsing", async (request, reply) => {
    const key = limited(request);
    if (key === undefined) return;
    const quotas: Quota[] = [];
    for (const [name, quota, amount] of quotasOf(key)) {
      const use = await count(request, () => counter.add(`${name} ${key.hash}`, amount, clock.now()));
      if (use !== undefined) quotas.push({ name, quota, ...use });
    }
    sayQuotas(reply, quotas);
    const over = quotas.find(({ name, quota, used }) => (name === "requests" ? used > quota : used >= quota));
    if (over === undefined || (over.name === "events" && request.routeOptions.url !== "/api/events")) return;
    refuse(reply, over.endsInMs, `expected at most ${over.quota} ${over.name} a minute with this key`);
  });
  server.addHook("onResponse", async (request) => {
    const key = limited(request);
    if (key === undefined || key.eventsPerMinute === null || request.eventsTaken === 0) return;
    await count(request, () => counter.add(`events ${key.hash}`, request.eventsTaken, clock.now()));
  });
}

interface Quota extends RateUse {
  readonly name: "requests" | "events";
  readonly quota: number;
}

/** Each quota of a key, and what a request that begins adds to it. */
function quotasOf({
  requestsPerMinute,
  eventsPerMinute,
}: ApiKey): readonly (readonly [name: Quota["name"], quota: number, amount: number])[] {
  return [
    ...(requestsPerMinute === null ? [] : [["requests", requestsPerMinute, 1] as const]),
    ...(eventsPerMinute === null ? [] : [["events", eventsPerMinute, 0] as const]),
  ];
}

function sayQuotas(reply: FastifyReply, quotas: readonly Quota[]): void {
  if (quotas.length === 0) return;
  const policies = quotas.map(({ name, quota }) => `"${name}";q=${quota};w=${minuteMs / 1_000}`);
  const rests = quotas.map(
    ({ name, quota, used, endsInMs }) => `"${name}";r=${Math.max(0, quota - used)};t=${seconds(endsInMs)}`,
  );
  void reply.header("ratelimit-policy", policies.join(", ")).header("ratelimit", rests.join(", "));
}

function refuse(reply: FastifyReply, endsInMs: number, message: string): never {
  void reply.header("retry-after", seconds(endsInMs));
  throw new CmdrdataError("CMDR_RATE_LIMITED", message, { retryable: true });
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** L4. */
async function count(request: FastifyRequest, add: () => Promise<RateUse>): Promise<RateUse | undefined> {
  try {
    return await add();
  } catch (error) {
    request.log.warn({ err: error }, "could not count for a limit");
    return undefined;
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /** How many events of this request were taken: what counts for a key's quota. */
    eventsTaken: number;
  }
}
