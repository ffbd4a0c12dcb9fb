import { expect, it } from "vitest";

import { secondsOf } from "./seconds.ts";

it.each<[unknown, number | null]>([
  [8, 8],
  [8.47, 8.47],
  [0, 0],
  ["8", 8],
  ["2.5", 2.5],
  ["", null],
  ["8s", null],
  ["-8", null],
  ["1e9", null],
  [-1, null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [null, null],
  [{}, null],
])("secondsOf(%o) is %o", (value, seconds) => expect(secondsOf(value)).toBe(seconds));
