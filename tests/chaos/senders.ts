/**
 * Programs that send events to whichever collector answers, again until each batch is taken, as our SDK does.
 *
 * They know to the event what the ledger has to say in the end. Now and then they send a batch again that was taken.
 */
import { setTimeout } from "node:timers/promises";

import type { IngestReply } from "@cmdrdata/protocol";

import { key } from "../e2e/collector-process.ts";
import type { Counted } from "./ledger.ts";

export interface Senders {
  /** Resolves when so many more batches have been taken. @throws where that takes too long */
  taken(batches: number): Promise<void>;
  /** Sends a batch until it is taken. @returns its answer */
  deliver(batch: Batch, how: Delivery): Promise<IngestReply>;
  /** Resolves when one more was refused with one of these codes. @throws where that takes too long */
  refused(codes: readonly string[]): Promise<void>;
  /** Lets each end with a batch that was taken. @returns what is wrong with what they were answered, and what they sent */
  end(): Promise<{
    readonly problems: readonly string[];
    readonly sent: readonly Counted[];
    readonly events: number;
    readonly heldBack: number;
    /** How often a batch was refused, by code. */
    readonly refusals: Readonly<Record<string, number>>;
  }>;
}

interface Delivery {
  /** So many of its events are for quarantine. */
  readonly heldBack: number;
  /** To whom; where it is now, if it is started again meanwhile. */
  readonly url: () => string;
}

interface Batch {
  readonly customer: string;
  readonly events: readonly object[];
  /** Of those that are for the sums. */
  readonly tokens: number;
}

/** The longest a request may take; a server that is being killed may never answer. */
const patienceMs = 15_000;

/** The longest that what has to come may take. */
const longestMs = 45_000;

export function startSenders(options: {
  readonly urls: () => readonly string[];
  readonly random: () => number;
  readonly atOnce: number;
  /** What a batch is sent to in the stead of a collector. */
  readonly instead?: (url: string) => string;
}): Senders {
  const { urls, random, atOnce, instead = (url) => url } = options;
  const problems: string[] = [];
  const sent = new Map<string, { calls: number; tokens: number }>();
  const taken: Batch[] = [];
  const refusals: Record<string, number> = {};
  const refused: { readonly codes: readonly string[]; readonly resolve: () => void }[] = [];
  const waiting: { readonly until: number; readonly resolve: () => void }[] = [];
  const ending = new AbortController();
  let made = 0;
  let heldBack = 0;

  const count = ({ customer, events, tokens }: Batch, held = 0): void => {
    const known = sent.get(customer) ?? { calls: 0, tokens: 0 };
    sent.set(customer, { calls: known.calls + events.length - held, tokens: known.tokens + tokens });
    heldBack += held;
  };
  const anyUrl = (): string => {
    const targets = urls();
    return targets[Math.floor(random() * targets.length)] as string;
  };
  const deliver = async (batch: Batch, url = anyUrl): Promise<IngestReply> => {
    for (;;) {
      const answer = await send(instead(url()), batch);
      if (answer === undefined) continue;
      if ("code" in answer) {
        problems.push(...answer.problems);
        refusals[answer.code] = (refusals[answer.code] ?? 0) + 1;
        for (const { codes, resolve } of refused) if (codes.includes(answer.code)) resolve();
        continue;
      }
      const { reply } = answer;
      if (reply.accepted + reply.duplicates !== batch.events.length || reply.conflicts > 0) {
        problems.push(`a batch of ${batch.events.length} was answered ${JSON.stringify(reply).slice(0, 300)}`);
      }
      return reply;
    }
  };
  const lane = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const batch = makeBatch((made += 1), random);
      count(batch);
      await deliver(batch);
      if (random() < 0.2 && taken.length > 0) await deliver(taken[Math.floor(random() * taken.length)] as Batch);
      taken.push(batch);
      for (const { until, resolve } of waiting) if (taken.length >= until) resolve();
    }
  };
  const lanes = Array.from({ length: atOnce }, lane);
  return {
    taken: (batches) => {
      const until = taken.length + batches;
      return inTime(`${batches} batches are taken`, (resolve) => void waiting.push({ until, resolve }));
    },
    deliver: (batch, { heldBack: held, url }) => {
      count(batch, held);
      return deliver(batch, url);
    },
    refused: (codes) =>
      inTime(`one is refused with ${codes.join()}`, (resolve) => void refused.push({ codes, resolve })),
    end: async () => {
      ending.abort();
      await inTime("the last batches are taken", (resolve) => void Promise.all(lanes).then(() => resolve()));
      const counted = [...sent].map(([customer, sums]) => ({ customer, ...sums }));
      const events = taken.reduce((sum, batch) => sum + batch.events.length, 0);
      return { problems, sent: counted, events, heldBack, refusals };
    },
  };
}

/** A collector that nothing comes from any more fails the day, instead of holding it up. */
function inTime(what: string, begin: (resolve: () => void) => void): Promise<void> {
  const late = async (): Promise<void> => {
    await setTimeout(longestMs, undefined, { ref: false });
    throw new Error(`expected that ${what} within ${longestMs} ms`);
  };
  return Promise.race([new Promise<void>(begin), late()]);
}

const firstMs = Date.parse("2026-10-30T00:00:00Z");

/** Ids that are ordered by time and ids that are not; some days, so that months meet; one batch in five is a single event. */
function makeBatch(number: number, random: () => number): Batch {
  const size = random() < 0.2 ? 1 : 1 + Math.floor(random() * 60);
  const customer = `customer-${String(Math.floor(random() * 20)).padStart(2, "0")}`;
  let tokens = 0;
  const events = Array.from({ length: size }, (_, index) => {
    const total_tokens = 1 + Math.floor(random() * 1_000);
    tokens += total_tokens;
    return {
      id: `${Math.floor(random() * 1e9).toString(36)}-${number}-${index}`,
      customer_id: customer,
      model: random() < 0.5 ? "gpt-4o" : "gpt-4o-mini",
      operation: "chat.completions",
      input_tokens: total_tokens,
      output_tokens: 0,
      total_tokens,
      timestamp: new Date(firstMs + Math.floor(random() * 4 * 86_400_000)).toISOString(),
    };
  });
  return { customer, events, tokens };
}

/** What a collector answers that does not take a batch. */
interface Refusal {
  readonly code: string;
  readonly problems: readonly string[];
}

/** @returns `undefined` where there was no answer; it is to be sent again then, and after a refusal */
async function send(url: string, batch: Batch): Promise<{ readonly reply: IngestReply } | Refusal | undefined> {
  const answer = await ask(url, batch);
  if (answer === undefined || "code" in answer) await setTimeout(20);
  return answer;
}

async function ask(url: string, batch: Batch): ReturnType<typeof send> {
  try {
    const response = await fetch(`${url}/api/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(batch.events),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    if (response.status === 200) return { reply: JSON.parse(text) as IngestReply };
    const isPolite = response.status === 503 && response.headers.has("retry-after");
    return {
      code: (JSON.parse(text) as { readonly error: { readonly code: string } }).error.code,
      problems: isPolite ? [] : [`a batch was answered ${response.status} ${text.slice(0, 300)}`],
    };
  } catch {
    // Nobody listens, or it was killed.
    return undefined;
  }
}
