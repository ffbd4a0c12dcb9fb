/**
 * What befalls a collector without killing it: its disk fills up, its clock jumps, connections storm in. Each is over, and
 * looked at, when it resolves.
 */
import { setTimeout } from "node:timers/promises";

import type { IngestReply } from "@cmdrdata/protocol";

import { key } from "../e2e/collector-process.ts";
import type { MovableClock } from "./clock.ts";
import type { Senders } from "./senders.ts";
import type { SmallDisk } from "./small-disk.ts";
import { startStorm } from "./storm.ts";

/** Among what it happens. */
export interface Scene {
  readonly random: () => number;
  readonly senders: Senders;
}

const hourMs = 3_600_000;

/** What is to be made full, and what is to be seen of it. */
interface FullDisk {
  readonly disk: SmallDisk;
  /** Of a collector. */
  readonly url: string;
  /** Codes with which a batch may be refused. */
  readonly refusals: readonly string[];
  /** What a report may be answered meanwhile. */
  readonly reports: readonly number[];
  /** Told that there is room again. */
  readonly recovered?: () => void;
}

/**
 * No room for as long as it takes until a batch is refused for that, and some more are. Meanwhile the collector has to say so
 * and to answer reports; when there is room again it has to take events, as the same process.
 */
export async function fillDisk(full: FullDisk, { random, senders }: Scene): Promise<readonly string[]> {
  const { disk, url, refusals, reports, recovered } = full;
  const problems = [...(await expectStatus(`${url}/readyz`, [200]))];
  const refused = senders.refused(refusals);
  disk.leave(Math.floor(random() * 1_000_000));
  try {
    await refused;
    for (let left = Math.floor(random() * 10); left > 0; left -= 1) await senders.refused(refusals);
    // A batch that needs no room is taken in between, and says that there is some.
    problems.push(...(await expectStatus(`${url}/readyz`, [503], /"(writer|disk|store)":"failed"/)));
    problems.push(...(await expectStatus(`${url}/healthz`, [503], /"problem":"[^"]+"/)));
    problems.push(...(await expectStatus(`${url}/api/v1/usage`, reports)));
  } finally {
    disk.widen();
    recovered?.();
  }
  await senders.taken(6);
  problems.push(...(await expectStatus(`${url}/readyz`, [200])));
  return problems;
}

/** So long it may take until a probe says what is so. */
const probeMs = 15_000;

/** @returns what is wrong if it is not answered so in time */
async function expectStatus(url: string, expected: readonly number[], saying = /./): Promise<readonly string[]> {
  const untilMs = performance.now() + probeMs;
  for (;;) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    const text = await response.text();
    if (expected.includes(response.status) && saying.test(text)) return [];
    if (performance.now() > untilMs)
      return [`${new URL(url).pathname} answered ${response.status} ${text.slice(0, 500)}`];
    await setTimeout(20);
  }
}

/** Forward and back, or the other way round; by how the collector flags events it is seen to have the new time. */
export async function moveClock(clock: MovableClock, url: () => string, scene: Scene): Promise<readonly string[]> {
  const { random } = scene;
  const offsetsMs = [1 + Math.floor(random() * 72), -1 - Math.floor(random() * 72)].map((hours) => hours * hourMs);
  const problems: string[] = [];
  for (const offsetMs of random() < 0.5 ? offsetsMs : offsetsMs.toReversed()) {
    clock.set(offsetMs);
    problems.push(...(await sendByClock(Date.now() + offsetMs, url, scene)));
  }
  return problems;
}

async function sendByClock(nowMs: number, url: () => string, { random, senders }: Scene): Promise<readonly string[]> {
  const number = Math.floor(random() * 1e9);
  const events = agesMs.map(({ ageMs }, index) => eventOf(`clock-${number}-${index}`, nowMs - ageMs));
  const batch = { customer: "customer-clock", events, tokens: 3 };
  const { flagged } = await senders.deliver(batch, { heldBack: 1, url });
  await senders.taken(3);
  return agesMs.flatMap(({ ageMs, flag }, index) => {
    const found = flagOf(flagged, index);
    return found === flag ? [] : [`an event ${ageMs / hourMs} h old was flagged ${found}, not ${flag}`];
  });
}

/** Hours before the collector's clock, and what it has to say of such an event; the last one is held back. */
const agesMs: readonly { readonly ageMs: number; readonly flag: string | undefined }[] = [
  { ageMs: 30 * hourMs, flag: "CMDR_EVENT_LATE" },
  { ageMs: hourMs, flag: undefined },
  { ageMs: -hourMs, flag: "CMDR_EVENT_FUTURE" },
  { ageMs: -200 * hourMs, flag: "CMDR_EVENT_FUTURE" },
];

function flagOf(flagged: IngestReply["flagged"], index: number): string | undefined {
  return flagged.find((flag) => flag.index === index)?.code;
}

/** Of our own SDK: another's is looked at for the zone of its clock. */
function eventOf(id: string, timeMs: number): object {
  return {
    id,
    customer_id: "customer-clock",
    model: "gpt-4o",
    operation: "chat.completions",
    input_tokens: 1,
    output_tokens: 0,
    total_tokens: 1,
    timestamp: new Date(timeMs).toISOString(),
    sdk: { name: "cmdrdata-openai", version: "0.0.0" },
  };
}

/** Senders get their answers while the connections are open, and when they are gone. */
export async function stormIn(url: string, { random, senders }: Scene): Promise<readonly string[]> {
  const connections = 500 + Math.floor(random() * 1_500);
  const { opened, end } = await startStorm(url, { connections, random });
  await senders.taken(3);
  const live = await fetch(`${url}/livez`);
  end();
  await senders.taken(3);
  const problems = opened === connections ? [] : [`${connections - opened} of ${connections} connections were refused`];
  return live.status === 200 ? problems : [...problems, `/livez answered ${live.status}`];
}
