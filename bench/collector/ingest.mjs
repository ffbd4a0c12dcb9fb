// Events a second and the time to the acknowledgement at several sizes of request, as fast as it goes and at half of that,
// beside what the engine does alone with requests of that size.
import { quantile, spread } from "../sdk/numbers.mjs";
import { ask, markdownTable, serveLedger, whole } from "./setting.mjs";
import { key } from "./tenant.mjs";

const batches = [1, 10, 100, 1_000];

/** Requests of each size that share a transaction, as the collector has them with 32 connections. */
const sharing = { 1: 32, 10: 32, 100: 32, 1_000: 4 };

export async function ingestTable(setting) {
  const taken = new Map();
  const note = (name, values) => taken.set(name, [...(taken.get(name) ?? []), values]);
  for (let round = 1; round <= setting.rounds; round += 1) {
    for (const engine of setting.engines) {
      await measureRound(setting, { engine, seed: setting.seed + round - 1, note });
      process.stderr.write(`round ${round} of ${setting.rounds}: ${engine}\n`);
    }
  }
  const { rounds, seconds, connections, seed } = setting;
  return [
    `Node ${process.versions.node}, ${rounds} rounds of ${seconds} s each, ${connections} connections from one other process on the same`,
    `cores, seed ${seed}; every event once, durable before it is acknowledged, priced. At half load requests come when they are due,`,
    "half as many as were answered a moment before, and their time counts from then.",
    "",
    markdownTable(
      ["engine", "events per request", "events/s (middle half)", "ack p50, ms", "p99, ms", "at half load: p50, ms", "p99, ms", "the engine alone, events/s", "of it"], // prettier-ignore
      setting.engines.flatMap((engine) =>
        batches.map((batch) => rowOf(engine, batch, taken.get(`${engine} ${batch}`))),
      ),
    ),
  ].join("\n");
}

async function measureRound(setting, { engine, seed, note }) {
  const { connections, seconds } = setting;
  const collector = await serveLedger(await setting.newLedger(engine));
  const full = new Map();
  for (const batch of batches) {
    const load = { url: collector.url, key, batch, connections, seconds, seed };
    const most = await send(load);
    full.set(batch, { most, half: await send({ ...load, eventsPerSecond: most.eventsPerSecond / 2 }) });
  }
  await collector.stop("SIGTERM");
  for (const [batch, both] of full) {
    const { place, ...ledger } = await setting.newLedger(engine);
    const question = { ledger: { ...ledger, path: `${place}.db` }, batch, requests: sharing[batch], seconds, seed };
    note(`${engine} ${batch}`, { ...both, alone: await ask("ceiling.mjs", question) });
  }
}

async function send(load) {
  const answer = await ask("load.mjs", load);
  if (answer.refused > 0) process.stderr.write(`${load.batch} a request: ${answer.refused} requests were refused\n`);
  return answer;
}

function rowOf(engine, batch, measured) {
  const middle = (pick) => spread(measured.map(pick)).median;
  const ack = (which, share) => middle((each) => quantile(each[which].tookMs, share)).toFixed(1);
  const rate = spread(measured.map(({ most }) => most.eventsPerSecond));
  const alone = middle((each) => each.alone.eventsPerSecond);
  const events = `${whole(rate.median)} (${whole(rate.low)} to ${whole(rate.high)})`;
  const acks = [ack("most", 0.5), ack("most", 0.99), ack("half", 0.5), ack("half", 0.99)];
  return [engine, whole(batch), events, ...acks, whole(alone), (rate.median / alone).toFixed(2)];
}
