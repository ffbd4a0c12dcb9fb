/**
 * The collector's bad days: it is killed with `kill -9`, and so is PostgreSQL, its disk fills up, its clock jumps, connections
 * storm in, all among the batches of many senders.
 *
 * Held against the ledger itself: every event that was answered is there once, nothing else is, and the roll-ups are what the
 * events add up to. Nothing is repaired in between.
 */
import { seededRandom } from "@cmdrdata/testkit";

import { compareLedger } from "./compare-ledger.ts";
import { openFileSite } from "./file-site.ts";
import { type Liar, type LieName, startLiar } from "./liar.ts";
import { type Senders, startSenders } from "./senders.ts";
import { openServerSite } from "./server-site.ts";
import type { Engine, MisfortuneName, Site } from "./site.ts";

export interface Day {
  readonly engine: Engine;
  /** How often something happens. */
  readonly cycles: number;
  readonly seed: number;
  /** Which may happen, by name; by default each. */
  readonly only?: (misfortune: MisfortuneName) => boolean;
  /** By default a disk is mounted where it can be. */
  readonly mayMount?: boolean;
  /** The collectors are wrong so; the day is to fail. */
  readonly lie?: LieName;
}

/** What happened, and what is wrong with it. */
export interface DayReport {
  readonly problems: readonly string[];
  /** What could not happen here, with the reasons. */
  readonly skipped: readonly string[];
  readonly summary: string;
}

export async function playDay(day: Day): Promise<DayReport> {
  const { engine, seed, mayMount = true, lie } = day;
  const site = await (engine === "sqlite" ? openFileSite : openServerSite)(mayMount);
  const liar = lie === undefined ? undefined : await startLiar(lie);
  try {
    return await playAt(site, day, liar, seededRandom(seed));
  } finally {
    liar?.close();
    await site.end();
  }
}

async function playAt(site: Site, day: Day, liar: Liar | undefined, random: () => number): Promise<DayReport> {
  const { cycles, only = () => true } = day;
  const names = namesOf(site.misfortunes).filter(only);
  const skipped = namesOf(site.skipped).filter(only).map((name) => `${name}: ${site.skipped[name]}`); // prettier-ignore
  if (names.length === 0) return { problems: [], skipped, summary: "nothing happened" };
  const senders = startSenders({ urls: site.urls, random, atOnce: 6, ...(liar && { instead: liar.instead }) });
  const happened: Record<string, number> = {};
  const wrong: string[] = [];
  for (const name of namesInOrder(names, cycles, random)) {
    await senders.taken(1 + Math.floor(random() * 15));
    happened[name] = (happened[name] ?? 0) + 1;
    const found = await site.misfortunes[name]?.({ random, senders });
    wrong.push(...(found ?? []).map((problem) => `${name}: ${problem}`));
  }
  await senders.taken(5);
  const { problems, ...sent } = await senders.end();
  const found = compareLedger(sent, await site.ledger());
  const summary = [summaryOf(sent, happened), site.remarks?.() ?? []].flat().join("; ");
  return { problems: [...problems, ...wrong, ...found], skipped, summary };
}

type Sent = Pick<Awaited<ReturnType<Senders["end"]>>, "events" | "refusals">;

function summaryOf({ events, refusals }: Sent, happened: Readonly<Record<string, number>>): string {
  return `${events} events; ${JSON.stringify(happened)}; refused ${JSON.stringify(refusals)}`;
}

function namesOf(byName: Readonly<Partial<Record<MisfortuneName, unknown>>>): readonly MisfortuneName[] {
  return Object.keys(byName) as MisfortuneName[];
}

/** Each as often as the others, give or take one; every round in an order of its own. */
function namesInOrder<N extends string>(names: readonly N[], count: number, random: () => number): readonly N[] {
  const rounds = Array.from({ length: Math.ceil(count / names.length) }, () =>
    names
      .map((name) => ({ name, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ name }) => name),
  );
  return rounds.flat().slice(0, count);
}
