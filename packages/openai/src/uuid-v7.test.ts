import { describe, expect, it } from "vitest";

import { systemRandom } from "./random.ts";
import { createUuidV7 } from "./uuid-v7.ts";

describe("createUuidV7", () => {
  it("puts time, version, variant and random bits where RFC 9562 has them", () => {
    const newId = createUuidV7((bytes) => bytes.fill(0xff));
    expect(newId(0x017f22e279b0)).toBe("017f22e2-79b0-7fff-bfff-ffffffffffff");
    expect(createUuidV7((bytes) => bytes.fill(0))(1.7)).toBe("00000000-0001-7000-8000-000000000000");
  });

  it("makes another id each time, also when it needs new random bytes", () => {
    let fills = 0;
    const newId = createUuidV7((bytes) => {
      fills += 1;
      return systemRandom(bytes);
    });
    const ids = Array.from({ length: 200 }, () => newId(1_795_478_400_000));
    expect(new Set(ids).size).toBe(200);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
    expect(fills).toBe(4);
  });
});
