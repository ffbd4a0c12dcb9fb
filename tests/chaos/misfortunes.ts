/**
 * What befalls a collector without killing it: its disk fills up, its clock jumps, connections storm in. Each is over, and
 * looked at, when it resolves.
 */
import { renameSync, writeFileSync } from "node:fs";

import type { IngestReply } from "@cmdrdata/protocol";

import { key } from "../e2e/collector-process.ts";
import type { Senders } from "./senders.ts";
import type { SmallDisk } from "./small-disk.ts";
import { startStorm } from "./storm.ts";

/** Among what it happens. */
export interface Scene {
  readonly random: () => number;
  readonly senders: Senders;
}

const hourMs = 3_600_000;

/**
 * No room for as long as it takes until a batch is refused for that, and some more are. Meanwhile the collector has to say so
 * and to answer reports; when there is room again it has to take events, as the same process.
 */
export async function fillDisk(disk: SmallDisk, url: string, { random, senders }: Scene): Promise<readonly string[]> {
  const problems: string[] = [];
  const expectStatus = async (route: string, expected: number): Promise<void> => {
    const response = await fetch(`${url}${route}`, { headers: { authorization: `Bearer ${key}` } });
    const text = await response.text();
    if (response.status !== expected) problems.push(`${route} answered ${response.status} ${text.slice(0, 500)}`);
  };
  await expectStatus("/readyz", 200);
  const refused = senders.refused("CMDR_DISK_FULL");
  disk.leave(Math.floor(random() * 1_000_000));
  await refused;
  for (let left = Math.floor(random() * 10); left > 0; left -= 1) await senders.refused("CMDR_DISK_FULL");
  await expectStatus("/readyz", 503);
  await expectStatus("/healthz", 503);
  await expectStatus("/api/v1/usage", 200);
  disk.widen();
  await senders.taken(6);
  await expectStatus("/readyz", 200);
  return problems;
}

/** @param file - of moved-clock.mjs */
export async function moveClock(file: string, { random, senders }: Scene): Promise<readonly string[]> {
  const offsetMs = Math.floor((random() * 2 - 1) * 72) * hourMs;
  writeFileSync(`${file}.next`, String(offsetMs));
  renameSync(`${file}.next`, file);
  const number = Math.floor(random() * 1e9);
  const nowMs = Date.now() + offsetMs;
  const events = agesMs.map(({ ageMs }, index) => eventOf(`clock-${number}-${index}`, nowMs - ageMs));
  const batch = { customer: "customer-clock", events, tokens: 3 };
  const { flagged } = await senders.deliver(batch, 1);
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
