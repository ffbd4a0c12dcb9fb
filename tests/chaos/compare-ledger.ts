/** Holds a ledger against what was sent: each event there once, none else, and sums that are what the events add up to. */
import type { Counted, Ledger } from "./ledger.ts";

export interface Expected {
  readonly sent: readonly Counted[];
  readonly heldBack: number;
}

/** @returns what is wrong, as texts; none if all is well */
export function compareLedger({ sent, heldBack }: Expected, ledger: Ledger): readonly string[] {
  const inOrder = sent.toSorted((a, b) => (a.customer < b.customer ? -1 : 1));
  const problems = [
    ...differences("the events", inOrder, ledger.events),
    ...differences("the roll-up", ledger.events, ledger.rollUp),
  ];
  if (ledger.eventsPicoUsd !== ledger.rollUpPicoUsd) {
    problems.push(`the events cost ${ledger.eventsPicoUsd}, the roll-up says ${ledger.rollUpPicoUsd}`);
  }
  if (ledger.wrongDays > 0) problems.push(`${ledger.wrongDays} days are summed up to something else than the roll-up`);
  if (ledger.heldBack !== heldBack) problems.push(`${heldBack} events are to be held back, ${ledger.heldBack} are`);
  return problems;
}

function differences(what: string, expected: readonly Counted[], got: readonly Counted[]): string[] {
  const texts = (rows: readonly Counted[]): readonly string[] =>
    rows.map(({ customer, calls, tokens }) => JSON.stringify({ customer, calls, tokens }));
  const [wanted, found] = [texts(expected), texts(got)];
  const missing = wanted.filter((text) => !found.includes(text));
  const wrong = found.filter((text) => !wanted.includes(text));
  return missing.length + wrong.length === 0 ? [] : [`${what}: expected ${missing.join()}, got ${wrong.join()}`];
}
