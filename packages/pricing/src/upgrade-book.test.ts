import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { PriceBook, PriceRow } from "./price-book.ts";
import { priceBook } from "./price-book.ts";
import { createRateCard, ratesAt } from "./rate-card.ts";
import { upgradeBook } from "./upgrade-book.ts";

const atMs = Date.parse("2026-10-01T12:00:00Z");
const at = "2026-10-01T12:00:00.000Z";
const row: PriceRow = {
  unit: "input_tokens",
  serviceTier: "default",
  aboveInputTokens: null,
  atMostInputTokens: null,
  effectiveFrom: null,
  effectiveTo: null,
  picoUsdPerUnit: 100,
  source: "old",
};
const output: PriceRow = { ...row, unit: "output_tokens", picoUsdPerUnit: 400 };
const bookOf = (rows: readonly PriceRow[], id = "m", more: PriceBook["models"] = []): PriceBook => ({
  version: "test+1",
  sources: { old: { url: "https://example.com", checkedAt: "2026-10-01", note: "" } },
  models: [...more, { provider: "openai", id, match: [{ equals: id }], rows }],
});
const rowsOf = (book: PriceBook, id = "m"): readonly PriceRow[] =>
  book.models.find((model) => model.id === id)?.rows ?? [];
const upgraded = (known: readonly PriceRow[], offered: readonly PriceRow[], approved?: ReadonlySet<string>) =>
  upgradeBook(bookOf(known), bookOf(offered), { atMs, ...(approved && { approved }) });

describe("upgradeBook", () => {
  it("lets a changed price hold from the upgrade on, and the old one before (B1)", () => {
    const { book, changes } = upgraded([row, output], [{ ...row, picoUsdPerUnit: 120, source: "new" }, output]);
    expect(rowsOf(book)).toEqual([
      { ...row, effectiveTo: at },
      { ...row, effectiveFrom: at, picoUsdPerUnit: 120, source: "new" },
      output,
    ]);
    expect(changes).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
        model: "m",
        unit: "input_tokens",
        serviceTier: "default",
        aboveInputTokens: null,
        before: 100,
        after: 120,
        from: at,
        held: false,
      },
    ]);
    expect(book.version).toMatch(/^test\+[0-9a-f]{12}$/);
  });

  it("takes the vendor's date where it is still to come, and the upgrade's where it is past", () => {
    const change = (date: string): readonly PriceRow[] => [
      { ...row, effectiveTo: date },
      { ...row, effectiveFrom: date, picoUsdPerUnit: 90 },
    ];
    expect(rowsOf(upgraded([row], change("2026-11-01")).book)).toEqual([
      { ...row, effectiveTo: "2026-11-01T00:00:00.000Z" },
      { ...row, effectiveFrom: "2026-11-01", picoUsdPerUnit: 90 },
    ]);
    expect(rowsOf(upgraded([row], change("2026-08-01")).book)).toEqual([
      { ...row, effectiveTo: at },
      { ...row, effectiveFrom: at, picoUsdPerUnit: 90 },
    ]);
  });

  it("holds a price that moves by more than half, until it is approved (B2)", () => {
    for (const picoUsdPerUnit of [151, 49]) {
      const first = upgraded([row], [{ ...row, picoUsdPerUnit }]);
      expect(first.changes).toMatchObject([{ before: 100, after: picoUsdPerUnit, held: true }]);
      expect(rowsOf(first.book)).toEqual([row]);
      const second = upgraded([row], [{ ...row, picoUsdPerUnit }], new Set(first.changes.map(({ id }) => id)));
      expect(rowsOf(second.book)).toMatchObject([{ effectiveTo: at }, { effectiveFrom: at, picoUsdPerUnit }]);
    }
    for (const picoUsdPerUnit of [150, 50]) {
      expect(upgraded([row], [{ ...row, picoUsdPerUnit }]).changes).toMatchObject([{ held: false }]);
    }
    expect(upgraded([{ ...row, picoUsdPerUnit: 0 }], [row]).changes).toMatchObject([{ held: true }]);
  });

  it("holds a price, and a model, that is gone (B2)", () => {
    const first = upgraded([row, output], [row]);
    expect(first.changes).toMatchObject([{ unit: "output_tokens", before: 400, after: null, held: true }]);
    expect(rowsOf(first.book)).toEqual([row, output]);
    const gone = upgradeBook(bookOf([row], "old"), bookOf([row], "new"), { atMs });
    expect(gone.changes).toMatchObject([
      { model: "new", before: null, held: false },
      { model: "old", after: null, held: true },
    ]);
    expect(gone.book.models.map(({ id }) => id)).toEqual(["old", "new"]);
    const approved = new Set(gone.changes.map(({ id }) => id));
    const away = upgradeBook(bookOf([row], "old"), bookOf([row], "new"), { atMs, approved });
    expect(rowsOf(away.book, "old")).toEqual([{ ...row, effectiveTo: at }]);
  });

  it("takes a new model, tier or fee for all times, and a new part of the tokens from the upgrade on (B1)", () => {
    const batch: PriceRow = { ...row, serviceTier: "batch", picoUsdPerUnit: 50 };
    const fee: PriceRow = { ...row, unit: "file_search_calls", serviceTier: null };
    const cached: PriceRow = { ...row, unit: "cached_input_tokens", picoUsdPerUnit: 10 };
    const { book, changes } = upgraded([row], [row, batch, fee, cached]);
    expect(rowsOf(book)).toEqual([row, batch, fee, { ...cached, effectiveFrom: at }]);
    expect(changes.map(({ unit, after, from }) => [unit, after, from])).toEqual([
      ["input_tokens", 50, null],
      ["file_search_calls", 100, null],
      ["cached_input_tokens", 10, at],
    ]);
    const ended = upgraded([row], [row, { ...batch, effectiveTo: "2026-01-01" }]);
    expect(ended.changes).toMatchObject([{ after: 50, from: null }]);
  });

  it("keeps a model's old names beside its new ones", () => {
    const seed = bookOf([row]);
    const [model] = seed.models;
    const renamed = {
      ...seed,
      models: [{ provider: "openai", id: "m", match: [{ equals: "n" }], rows: model?.rows ?? [] }],
    };
    expect(upgradeBook(seed, renamed, { atMs }).book.models[0]?.match).toEqual([{ equals: "m" }, { equals: "n" }]);
  });

  it("changes nothing the second time (B3)", () => {
    const { book } = upgraded([row], [{ ...row, picoUsdPerUnit: 120 }]);
    const again = upgradeBook(book, bookOf([{ ...row, picoUsdPerUnit: 120 }]), { atMs: atMs + 1_000 });
    expect(again).toEqual({ book, changes: [] });
    expect(again.book).toBe(book);
    expect(upgradeBook(priceBook, priceBook, { atMs })).toEqual({ book: priceBook, changes: [] });
  });

  it("never changes what a time before the upgrade cost, whatever the seed says (B1)", () => {
    const dates = fc.constantFrom(null, "2026-06-01", "2026-09-01", "2026-11-01", "2027-01-01");
    const rows = fc
      .tuple(
        fc.uniqueArray(dates, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 4 }),
      )
      .map(([starts, prices]) =>
        starts
          .toSorted((a, b) => (a ?? "").localeCompare(b ?? ""))
          .map((start, index, all) => ({
            ...row,
            effectiveFrom: start,
            effectiveTo: all[index + 1] ?? null,
            picoUsdPerUnit: prices[index] ?? 0,
          })),
      );
    const costAt = (all: readonly PriceRow[], ms: number): unknown =>
      ratesAt(createRateCard(all).get("default") ?? [], ms, 0)?.rates.input_tokens?.picoUsdEach;
    const property = fc.property(
      rows,
      rows,
      fc.integer({ min: 0, max: atMs - 1 }),
      fc.boolean(),
      (known, offered, ms, all) => {
        const changes = upgraded(known, offered).changes;
        const { book } = upgraded(known, offered, new Set(all ? changes.map(({ id }) => id) : []));
        expect(costAt(rowsOf(book), ms)).toBe(costAt(known, ms));
        for (const later of [atMs, atMs + 5e9, atMs + 2e10]) {
          const cost = costAt(rowsOf(book), later);
          expect([costAt(known, later), costAt(offered, later)]).toContain(cost);
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
