import { describe, expect, it } from "vitest";

import { systemRandom } from "./random.ts";
import { createUuidV7 } from "./uuid-v7.ts";

describe("createUuidV7", () => {
  it("puts time, version, variant and random bits where RFC 9562 has them", () => {
    const newId = createUuidV7((bytes) => bytes.fill(0xff));
    expect(newId(0x017f22e279b0)).toBe("017f22e2-79b0-7fff-bfff-ffff00010000");
    expect(createUuidV7((bytes) => bytes.fill(0))(1.7)).toBe("00000000-0001-7000-8000-000000000001");
  });

  it("makes another id each time, in order, also when it draws a new start", () => {
    let draws = 0;
    const newId = createUuidV7((bytes) => {
      draws += 1;
      return systemRandom(bytes);
    });
    const ids = Array.from({ length: 200_000 }, (_, index) => newId(1_795_478_400_000 + (index >> 4)));
    expect(new Set(ids).size).toBe(200_000);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
    expect(draws).toBe(4);
    const ofOneStart = ids.slice(0, 65_536);
    expect(ofOneStart.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(ofOneStart);
  });

  it("counts up to the last value of the counter, and never past it", () => {
    const newId = createUuidV7((bytes) => bytes.fill(0).fill(0xff, 6, 8).fill(0, 8, 9).fill(0xfe, 9));
    const ids = Array.from({ length: 65_536 }, () => newId(0));
    expect(new Set(ids.map((id) => id.length))).toEqual(new Set([36]));
    expect(new Set(ids).size).toBe(65_536);
  });
});
