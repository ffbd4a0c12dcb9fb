/**
 * Reads the filters of a question: `customer_id=a&customer_id=b`, `metadata.team=x`.
 *
 * A parameter that comes more than once keeps what has any of the values; several parameters all hold. An empty value
 * (`customer_id=`) is what has no value: no id, name or metadata value is an empty text.
 */
import type { GroupKey, MetadataKey, UsageFilter } from "@cmdrdata/storage";

import { dimensions } from "./dimension-names.ts";

/** A parameter as it came: once or more often. */
type OneOrMore = string | readonly string[];
export type FilterParameters = { readonly [K in GroupKey]?: OneOrMore | undefined };

/** Values of one parameter; more is a list to be kept elsewhere. */
const mostValues = 100;

export function readFilters(given: FilterParameters, problems: string[]): readonly UsageFilter[] {
  const filters: UsageFilter[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || !(isDimension(name) || isMetadataKey(name))) continue;
    const values = typeof value === "string" ? [value] : value;
    if (values.length > mostValues)
      problems.push(`${name}: expected at most ${mostValues} values, got ${values.length}`);
    filters.push({ key: name, values: [...new Set(values)].map((each) => (each === "" ? null : each)) });
  }
  return filters;
}

export function isMetadataKey(name: string): name is MetadataKey {
  return name.startsWith("metadata.") && name.length > "metadata.".length;
}

export function isDimension(name: string): name is (typeof dimensions)[number] {
  return dimensions.some((each) => each === name);
}
