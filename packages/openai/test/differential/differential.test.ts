/**
 * E and C at once: every program runs on the bare client and on the tracked one, on the same server. What the program,
 * the server and the process see is the same, but for the tracking fields (E1) and the question for a stream's usage
 * (E2); and the tracked run makes the events that the program states.
 *
 * On the workspace's openai; scripts/openai-versions.mjs runs it on the other majors.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startScriptedOpenAI, type ScriptedOpenAI } from "../scripted-openai.ts";
import { createObserver } from "./observe.ts";
import { majorOf, type Program } from "./program.ts";
import { programs } from "./programs/all.ts";
import { loadSubjects } from "./subjects.ts";

const subjects = await loadSubjects();
const major = majorOf(subjects.version);

// The test runner listens too, and would count what these programs leave as its own failures.
const kept = process.listeners("unhandledRejection");
let server: ScriptedOpenAI;
beforeAll(async () => {
  server = await startScriptedOpenAI();
  process.removeAllListeners("unhandledRejection");
});
afterAll(async () => {
  for (const listener of kept) process.on("unhandledRejection", listener);
  await server.close();
});

describe.each(Object.entries(programs))("%s", (_name, group) => {
  for (const program of group) {
    const { since } = program;
    if (since !== undefined && since.major > major) itCannotRun(program);
    else itIsTheSame(program);
  }
});

function itIsTheSame(program: Program): void {
  it(program.name, async () => {
    const observe = createObserver(subjects, server);
    const bare = await observe(program, "bare");
    expect(bare.events).toEqual([]);
    for (const way of ["never", "always"] as const) {
      const { observed, events, lost } = await observe(program, way);
      expect(observed).toEqual(bare.observed);
      const expected = program.eventsOn?.[major] ?? program.events;
      expect(events.length).toBe(expected.length);
      expect(lost).toEqual(program.lost ?? []);
      if (way === "always") expect(events).toEqual(expected);
    }
  });
}

function itCannotRun(program: Program): void {
  it(`${program.name}: openai ${major} has no ${program.since?.needs}`, async () => {
    const { observed } = await createObserver(subjects, server)(program, "bare");
    expect(observed.program.at(-1)).toHaveProperty("threw");
  });
}
