/** The price books and the tenants' terms: V1 and V2 as in ../price-store.ts. */
import { describe, expect, it } from "vitest";

import type { Places } from "./describe-usage-store.ts";
import { baseMs } from "./sample-events.ts";

const book = (version: string) => ({ version, origin: "seed", createdAtMs: baseMs, book: `{"version":"${version}"}` });
const term = { tenant: "acme", id: "term-1", createdAtMs: baseMs, term: '{"kind":"price"}' };

export function provePrices({ withHarness, withStore }: Places): void {
  describe("prices", () => {
    it(
      "keeps every book, the last one as the current, and lets none in that follows another (V1)",
      withStore(async (store) => {
        expect(await store.currentBook()).toBeUndefined();
        expect(await store.addBook(book("a"), 0)).toBe("added");
        expect(await store.addBook(book("other"), 0)).toBe("outdated");
        expect(await store.addBook(book("b"), 1)).toBe("added");
        expect(await store.currentBook()).toEqual({ sequence: 2, ...book("b") });
        expect((await store.listBooks()).map(({ sequence, version }) => [sequence, version])).toEqual([
          [2, "b"],
          [1, "a"],
        ]);
      }),
    );

    it(
      "counts the version up with every change, and with nothing else (V2)",
      withStore(async (store) => {
        const versions: number[] = [];
        const note = async (): Promise<unknown> => versions.push(await store.priceVersion());
        await note();
        await store.addBook(book("a"), 0);
        await note();
        await store.addBook(book("a"), 0);
        await note();
        await store.addTerm(term);
        await note();
        expect(await store.removeTerm("acme", term.id, baseMs + 1)).toBe("removed");
        await note();
        expect(await store.removeTerm("acme", term.id, baseMs + 2)).toBe("absent");
        await note();
        expect(versions).toEqual([0, 1, 1, 2, 3, 3]);
      }),
    );

    it(
      "keeps terms by tenant, over close and open, removed ones too (S4)",
      withHarness(async (harness) => {
        const first = await harness.open();
        await first.addTerm(term);
        await first.addTerm({ ...term, tenant: "globex" });
        expect(await first.removeTerm("globex", "term-2", baseMs)).toBe("absent");
        expect(await first.removeTerm("globex", "term-1", baseMs + 5)).toBe("removed");
        await first.close();
        const second = await harness.open();
        const kept = { ...term, removedAtMs: null };
        expect(await second.terms()).toEqual([kept]);
        expect(await second.listTerms("acme")).toEqual([kept]);
        expect(await second.listTerms("globex")).toEqual([{ ...kept, tenant: "globex", removedAtMs: baseMs + 5 }]);
        await second.close();
      }),
    );
  });
}
