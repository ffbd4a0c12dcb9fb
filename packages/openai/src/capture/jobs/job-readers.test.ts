import { encodeEvent, parseEvent } from "@cmdrdata/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { jobList } from "../../../test/job-fixtures.ts";
import { type AnswerReader, emptyAnswer, type RawObject } from "../../answer.ts";
import { containerReader } from "../containers.ts";
import { responsesReader } from "../responses.ts";
import { gradersReader } from "./graders.ts";
import { jobReader, shownJobsReader, videoReader } from "./made-jobs.ts";
import { resultEvent } from "./result-event.ts";

const readers: Readonly<Record<string, AnswerReader>> = {
  jobReader,
  shownJobsReader,
  videoReader,
  gradersReader,
  containerReader,
  responsesReader,
};
const graded = { metadata: { token_usage: 9 }, model_grader_token_usage_per_model: { m: { total_tokens: 9 } } };
const ended: readonly RawObject[] = [...jobList.map((job) => job.ended), graded, { memory_limit: "4g" }];

/** A job's end in which some fields are anything. */
const odd: fc.Arbitrary<RawObject> = fc
  .tuple(fc.constantFrom(...ended), fc.dictionary(fc.nat(30).map(String), fc.jsonValue(), { maxKeys: 3 }))
  .map(([job, changes]) => {
    const names = Object.keys(job);
    const changed = Object.entries(changes).map(([at, value]) => [names[Number(at) % names.length], value] as const);
    return { ...job, ...(Object.fromEntries(changed) as RawObject) };
  });
const carried = fc.constantFrom<(job: RawObject) => RawObject>(
  (job) => job,
  (job) => ({ data: [job, 5, null] }),
  (job) => ({ response: job, type: "response.completed" }),
  (job) => ({ event: "thread.run.completed", data: job }),
  (job) => ({ turn: job, session: "odd" }),
);

describe.each(Object.entries(readers))("%s", (_name, reader) => {
  it("throws on nothing that is JSON, and whatever it shows makes an event that parses whole", () => {
    const owner = { customer_id: "acme", attribution_error: null, metadata: {} };
    const source = {
      provider: "openai",
      region: null,
      sdkName: "s",
      nowMs: 1,
      newId: () => "01a21000-8800-7143-8f69-d59f274023b2",
    };
    fc.assert(
      fc.property(odd, carried, (job, carry) => {
        const answer = emptyAnswer();
        reader.whole(carry(job), answer);
        const shown = answer.jobs ?? [];
        reader.item(carry(job), answer);
        for (const each of [...shown, ...(answer.jobs ?? [])]) {
          for (const result of each.results) {
            const event = resultEvent(each, result, owner, source);
            expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
            expect(parseEvent(JSON.parse(encodeEvent(event))).event.operation).toBe(result.operation);
          }
        }
      }),
    );
  });
});

it("an end that is shown again in any other form of answer makes the same event", () => {
  const owner = { customer_id: "acme", attribution_error: null, metadata: {} };
  const source = { provider: "openai", region: null, sdkName: "s", nowMs: 1, newId: String };
  for (const { ended: job } of jobList) {
    const forms = [{ ...job }, { data: [job] }].map((answer) => {
      const read = emptyAnswer();
      shownJobsReader.whole(answer, read);
      return read.jobs;
    });
    const items = [{ response: job }, { event: "e", data: job }, { turn: job }, { ...job }].map((item) => {
      const read = emptyAnswer();
      shownJobsReader.item(item, read);
      return read.jobs;
    });
    const events = [...forms, ...items].map((jobs) =>
      (jobs ?? []).flatMap((each) => each.results.map((result) => resultEvent(each, result, owner, source))),
    );
    expect(events[0]?.length).toBeGreaterThan(0);
    for (const other of events) expect(other).toEqual(events[0]);
  }
});
