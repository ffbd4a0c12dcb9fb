import { describe, expect, it } from "vitest";

import { sqliteVersionProblem, versionProblem } from "./sqlite-version.ts";

describe("sqliteVersionProblem", () => {
  it("has nothing against the SQLite the tests run on", () => {
    expect(sqliteVersionProblem()).toBeUndefined();
  });

  it.each(["3.51.3", "3.51.10", "3.53.4", "4.0.0"])("accepts %s", (version) => {
    expect(versionProblem(version)).toBeUndefined();
  });

  it.each(["3.51.2", "3.45.1", "3.9.9", "2.99.99"])("says in one line what is wrong with %s", (version) => {
    expect(versionProblem(version)).toMatch(/^expected SQLite 3\.51\.3 or newer, this Node has [\d.]+; use Node .+$/);
  });
});
