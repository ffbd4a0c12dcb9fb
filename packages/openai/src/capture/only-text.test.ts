import fc from "fast-check";
import { expect, it } from "vitest";

import { emptyAnswer, type RawObject } from "../answer.ts";
import { chatReader, withoutUsage } from "./chat.ts";
import { readChatStream } from "./estimate/read-stream.ts";
import { ReceivedText } from "./estimate/received-text.ts";

const rare = fc.record(
  {
    tool_calls: fc.constantFrom([{ index: 0, function: { name: "f", arguments: "{" } }], null),
    refusal: fc.constantFrom("no", null),
    reasoning_content: fc.string(),
    audio: fc.constant({ transcript: "la" }),
  },
  { requiredKeys: [] },
);
const delta = fc.oneof(
  { weight: 6, arbitrary: fc.record({ content: fc.constantFrom(" word", "x", "") }) },
  fc.tuple(rare, fc.constantFrom({ content: " word" }, { content: null }, {})).map(([a, b]) => ({ ...a, ...b })),
  fc.constantFrom(null, undefined, "text"),
);
const choice = fc.record(
  {
    index: fc.oneof({ weight: 5, arbitrary: fc.constant<unknown>(0) }, fc.constantFrom<unknown>(1, null, "0")),
    delta,
    finish_reason: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, fc.constantFrom("stop", "length", 7)),
  },
  { requiredKeys: ["index", "finish_reason"] },
);
const chunk = fc.record(
  {
    id: fc.constant("chatcmpl-1"),
    // Azure's first chunk names neither.
    model: fc.constantFrom("gpt-4o", ""),
    service_tier: fc.constantFrom("default", "flex", null),
    choices: fc.oneof(
      { weight: 8, arbitrary: fc.tuple(choice) },
      { weight: 2, arbitrary: fc.array(choice, { maxLength: 2 }) },
      fc.constantFrom<unknown>(null, {}, [null]),
    ),
    usage: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, fc.constant({ prompt_tokens: 1 })),
  },
  { requiredKeys: ["id", "model"] },
) as fc.Arbitrary<RawObject>;

/** What is known of a stream once it is read. */
function read(chunks: readonly RawObject[], onlyText: typeof chatReader.onlyText) {
  const answer = emptyAnswer();
  const received = new ReceivedText();
  const outputs = chunks.map((each) => {
    const text = onlyText?.(each, answer);
    if (text === undefined) readChatStream(each, received);
    else received.add("content", text);
    return text === undefined ? chatReader.item(each, answer) : true;
  });
  return { answer, outputs, texts: received.texts(), unseen: received.unseen };
}

it("reads the same by the short way as by the long one", () => {
  const taken = { short: 0 };
  const counted: typeof chatReader.onlyText = (item, answer) => {
    const text = chatReader.onlyText?.(item, answer);
    if (text !== undefined) taken.short += 1;
    return text;
  };
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
      expect(read(chunks, counted)).toEqual(read(chunks, undefined));
    }),
    { numRuns: 500 },
  );
  expect(taken.short).toBeGreaterThan(100);
});

it("takes nothing but the usage out of a chunk, whatever fields it has", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
      const { usage: _usage, ...rest } = fields;
      expect(Object.entries(withoutUsage({ ...rest, usage: null }))).toEqual(Object.entries(rest));
    }),
  );
});
