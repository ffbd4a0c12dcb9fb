import { encodeBody } from "@cmdrdata/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";

import { batchBodyOf } from "./batch-body.ts";
import { createTextPages, type KeptText } from "./text-pages.ts";

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Small ones, some of which share a page, and ones that have their own. */
const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom("x", "é", "鳥", "🐤"), maxLength: 300 }),
  fc.integer({ min: 1, max: 70_000 }).map((length) => "é".repeat(length)),
);

it("gives every text back as it was until it is freed, whatever was freed meanwhile", () => {
  const steps = fc.array(fc.tuple(texts, fc.nat()), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(steps, (given) => {
      const pages = createTextPages();
      const kept: { readonly text: string; readonly at: KeptText }[] = [];
      for (const [text, choice] of given) {
        kept.push({ text, at: pages.keep(text) });
        // Every other time one goes, any of them.
        if (choice % 2 === 0) kept.splice(choice % kept.length, 1)[0]?.at.free();
        for (const each of kept) {
          expect(each.at.read() === each.text).toBe(true);
          expect(each.at.end - each.at.start).toBe(Buffer.byteLength(each.text));
        }
      }
    }),
    { numRuns: 50 },
  );
});

it("keeps what a writer writes on a page, and nothing where it writes nothing", () => {
  const pages = createTextPages();
  const writer = {
    mostBytes: 30_000,
    write: (text: string, target: Uint8Array, offset: number) =>
      new TextEncoder().encodeInto(text, target.subarray(offset)).written,
  };
  const kept = Array.from({ length: 7 }, (_, index) => {
    const text = `${index}`.repeat(20_000);
    expect(pages.keepWritten("", writer)).toBeUndefined();
    return { text, at: pages.keepWritten(text, writer) };
  });
  for (const { text, at } of kept) expect(at?.read() === text).toBe(true);
});

it("uses a page again whose texts are all freed", () => {
  const pages = createTextPages();
  const large = "x".repeat(20_000);
  const used = new Set<Uint8Array>();
  for (let round = 0; round < 100; round += 1) {
    const [first, second] = [pages.keep(large), pages.keep(large)];
    used.add(first.page).add(second.page);
    first.free();
    second.free();
  }
  expect(used.size).toBeLessThanOrEqual(2);
});

it("keeps a bounded number of spare pages", () => {
  const pages = createTextPages();
  const full = Array.from({ length: 200 }, () => pages.keep("x".repeat(21_000)));
  for (const each of full) each.free();
  const again = Array.from({ length: 200 }, (_, index) => pages.keep(`${index}`.padEnd(21_000, "y")));
  expect(again.map((each) => each.read().slice(0, 3))).toEqual(again.map((_, index) => `${index}`.padEnd(3, "y")));
});

it("puts a body together as encodeBody does, of texts that lie behind one another and of others", () => {
  const given = fc.array(fc.tuple(texts, fc.constantFrom("sent", "sent", "sent", "left", "gone")), { maxLength: 40 });
  fc.assert(
    fc.property(given, fc.boolean(), (all, turned) => {
      const pages = createTextPages();
      const kept = all.map(([text, what]) => ({ text, what, at: pages.keep(text) }));
      for (const { what, at } of kept) if (what === "gone") at.free();
      const sent = kept.filter(({ what }) => what === "sent");
      if (turned) sent.reverse();
      const body = encodeBody(sent.map(({ text }) => text));
      expect(decode(batchBodyOf(sent.map(({ at }) => at))) === body).toBe(true);
    }),
  );
});
