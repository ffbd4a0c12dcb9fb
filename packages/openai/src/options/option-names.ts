/** The names of cmdrdata's client options, and what is wrong with a name that looks like one of them and is not. */
import type { TrackingOptions } from "./client-options.ts";

/** The options of a client that are cmdrdata's. */
export const trackingOptionNames: readonly (keyof TrackingOptions)[] = [
  "trackerKey",
  "trackerEndpoint",
  "trackerTimeout",
  "customerId",
  "tracker",
  "waitUntil",
  "includeUsage",
  "attributionStore",
  "openTelemetry",
];

/** Tracking fields of a call, given to a client by mistake. */
const callFieldNames = ["custom_metadata", "track_usage"];

const known: ReadonlySet<string> = new Set(trackingOptionNames);
const meantByLetters: ReadonlyMap<string, string> = new Map(trackingOptionNames.map((name) => [letters(name), name]));
const misplacedByLetters: ReadonlyMap<string, string> = new Map(callFieldNames.map((name) => [letters(name), name]));

/** @returns one line per option whose name is meant for cmdrdata and is not one of its options */
export function optionNameProblems(options: object): string[] {
  return Object.keys(options).flatMap((name) => (known.has(name) ? [] : (nameProblem(name) ?? [])));
}

function nameProblem(name: string): string | undefined {
  const plain = letters(name);
  const meant = meantByLetters.get(plain);
  if (meant !== undefined) return `${name}: unknown option; did you mean ${meant}?`;
  const misplaced = misplacedByLetters.get(plain);
  if (misplaced !== undefined) return `${name}: not an option of a client; give ${misplaced} with a call`;
  if (!plain.startsWith("tracker")) return undefined;
  return `${name}: unknown option; known are ${trackingOptionNames.join(", ")}`;
}

function letters(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}
