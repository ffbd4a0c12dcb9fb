// A ledger that grows to millions of events: what it takes to add to it, and to ask it, at its first million and at its last.
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { mkdirSync } from "node:fs";

import { quantile } from "../sdk/numbers.mjs";
import { ask, markdownTable, serveLedger, whole } from "./setting.mjs";
import { key } from "./tenant.mjs";

const dayMs = 86_400_000;
const days = 90;
const times = 9;

/** @returns both tables of one engine: how it grew, and how long questions took */
export async function growthTables(setting, engine) {
  const { grow } = setting;
  const step = Math.max(grow / 10, 1_000);
  // To the end of yesterday in UTC: all days are over, and the last thirty of them are a month.
  const endMs = Math.floor(Date.now() / dayMs) * dayMs - 1;
  const stretch = { startMs: endMs - days * dayMs, endMs, total: grow, seed: setting.seed };
  const grown = [];
  const asked = [];
  const ledger = await setting.newLedger(engine);
  const data = join(ledger.place, "data");
  mkdirSync(data, { recursive: true });
  const path = join(data, "cmdrdata.db");
  const fill = async (from, to) => {
    const question = { ledger: { ...ledger, path }, from, to, ...stretch, reportEvery: step };
    await ask("fill.mjs", question, (report) => {
      grown.push(report);
      process.stderr.write(`${engine}: ${whole(report.stored)} at ${whole(report.eventsPerSecond)}/s\n`);
    });
    const lastMs = stretch.startMs + ((endMs - stretch.startMs) * to) / grow;
    asked.push({ events: to, answers: await askUsage(ledger, lastMs) });
  };
  await fill(0, step);
  await fill(step, grow);
  return { growth: growthTable(setting, grown), queries: queriesTable(asked) };
}

function growthTable({ seed }, grown) {
  const rows = grown.map(({ stored, eventsPerSecond, cpuPerEvent, bytes }) => [
    whole(stored),
    whole(eventsPerSecond),
    cpuPerEvent.toFixed(1),
    (bytes / 2 ** 30).toFixed(2),
    whole(bytes / stored),
  ]);
  return [
    `Events of ${days} days, seed ${seed}, filled in as the writer thread stores them, 4,000 a transaction, and without HTTP: by a process of`,
    "its own, whose bodies another thread makes. Each row is the stretch since the row before.",
    "",
    markdownTable(["events", "events/s", "CPU of the thread per event, µs", "size, GiB", "bytes per event"], rows), // prettier-ignore
  ].join("\n");
}

/** What a page of costs is made of. */
const questions = [
  ["the total of 30 days", ""],
  ["30 days by customer and day", "&group_by=customer_id&interval=day"],
  ["30 days by model and day", "&group_by=model&interval=day"],
  ["30 days by customer, the 20 largest and the rest", "&group_by=customer_id&top=20"],
  ["30 days by customer and model", "&group_by=customer_id,model"],
  [
    "30 days by customer and day, in a zone that is not the reporting zone",
    "&group_by=customer_id&interval=day&tz=Asia/Kolkata",
  ],
  ["one customer's 30 days by model and day", "&group_by=model&interval=day&customer_id=customer-7"],
  ["the last day by model and hour", "&group_by=model&interval=hour", 1],
];

async function askUsage(ledger, lastMs) {
  const collector = await serveLedger(ledger);
  // What it does at a start is not what is measured.
  await sleep(2_000);
  const to = Math.ceil(lastMs / dayMs) * dayMs;
  const answers = [];
  for (const [name, rest, length = 30] of questions) {
    const stretch = [to - length * dayMs, to].map((ms) => new Date(ms).toISOString());
    const url = `${collector.url}/api/v1/usage?from=${stretch[0]}&to=${stretch[1]}${rest}`;
    answers.push({ name, ...(await time(url)) });
  }
  await collector.stop("SIGTERM");
  return answers;
}

async function time(url) {
  const tookMs = [];
  let rows = 0;
  for (let asked = 0; asked < times; asked += 1) {
    const sinceMs = performance.now();
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    const report = await response.json();
    tookMs.push(performance.now() - sinceMs);
    if (!response.ok) throw new Error(`${url}: ${JSON.stringify(report)}`);
    rows = report.rows.length;
  }
  return { firstMs: tookMs[0], tookMs, rows };
}

function queriesTable(asked) {
  const head = asked.map(({ events }) => `of ${whole(events)} events`);
  const rows = questions.map(([name], index) => [
    name,
    ...asked.map(({ answers }) => {
      const { tookMs, firstMs, rows: count } = answers[index];
      return `${quantile(tookMs, 0.5).toFixed(0)} (first ${firstMs.toFixed(0)}; ${whole(count)} rows)`;
    }),
  ]);
  return [
    `\`GET /api/v1/usage\` over HTTP, from the request to the whole answer read, ms: the median of ${times}, the first of them, and how many`,
    "rows it has. The days that are over are summed up.",
    "",
    markdownTable(["", ...head], rows),
  ].join("\n");
}
