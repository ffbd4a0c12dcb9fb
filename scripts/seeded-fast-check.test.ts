import fc from "fast-check";
import { expect, it } from "vitest";

it("gives every test the fast-check that has the run's seed", () => {
  const given = process.env["CMDRDATA_TEST_SEED"] ?? "1";
  expect(fc.readConfigureGlobal().seed).toBe(given === "random" ? undefined : Number(given));
});
