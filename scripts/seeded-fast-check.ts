/**
 * fast-check, as every test imports it (vitest.config.ts sees to that): properties meet the same values in every run, so that
 * a run can be repeated; `CMDRDATA_TEST_SEED=N` gives others, `CMDRDATA_TEST_SEED=random` new ones each time. A failure names
 * its seed.
 */
import fc from "fast-check";

const given = process.env["CMDRDATA_TEST_SEED"] ?? "1";
if (given !== "random") {
  const seed = Number(given);
  if (!Number.isInteger(seed))
    throw new Error(`CMDRDATA_TEST_SEED: expected a whole number or "random", got "${given}"`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}

export * from "fast-check";
export { default } from "fast-check";
