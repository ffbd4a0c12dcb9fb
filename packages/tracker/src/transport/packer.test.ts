import * as zlib from "node:zlib";

import fc from "fast-check";
import { expect, it } from "vitest";

import { createPacker } from "./packer.ts";

/** Bytes that do not get smaller: they come out of the stream in many pieces. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0, state = length; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

const lengths = fc.integer({ min: 1, max: 400_000 });
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  lengths.map((length) => Buffer.alloc(length, `${length} bytes`)),
  lengths.map(noise),
);

it("packs each body by itself, however many are asked for at once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bodies, { minLength: 1, maxLength: 6 }), async (given) => {
      const packer = createPacker(zlib);
      const packed = await Promise.all(given.map((body) => packer.gzip(body)));
      for (const [index, body] of given.entries()) {
        const each = packed[index] as Uint8Array;
        expect(zlib.gunzipSync(each).equals(body)).toBe(true);
        expect((await packer.gunzip(each, 500_000)).equals(body)).toBe(true);
      }
      packer.close();
    }),
    { numRuns: 30 },
  );
});

it("unpacks no more than it is asked for", async () => {
  const packer = createPacker(zlib);
  const packed = await packer.gzip(new Uint8Array(10_000));
  await expect(packer.gunzip(packed, 9_999)).rejects.toMatchObject({ code: "ERR_BUFFER_TOO_LARGE" });
  await expect(packer.gunzip(new Uint8Array([1, 2, 3]), 9_999)).rejects.toMatchObject({ code: "Z_DATA_ERROR" });
  packer.close();
});

it("rejects what is packed when it is closed, and what comes later starts anew", async () => {
  const packer = createPacker(zlib);
  const body = new Uint8Array(300_000).fill(7);
  const packing = packer.gzip(body);
  // Under way by then.
  await Promise.resolve().then(() => packer.close());
  await expect(packing).rejects.toThrow("the transport is closed");
  expect(zlib.gunzipSync(await packer.gzip(body)).equals(body)).toBe(true);
  packer.close();
});

it("packs what comes after it was closed with nothing to pack", async () => {
  const packer = createPacker(zlib);
  const body = noise(100_000);
  await packer.gzip(body);
  packer.close();
  expect(zlib.gunzipSync(await packer.gzip(body)).equals(body)).toBe(true);
  packer.close();
});
