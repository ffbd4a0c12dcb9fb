import { describe, expect, it } from "vitest";

import { defaultSpoolDir } from "./default-folder.ts";

describe("defaultSpoolDir", () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ["linux", { HOME: "/home/ada" }, "/home/ada/.local/state/cmdrdata/spool"],
    ["linux", { HOME: "/home/ada", XDG_STATE_HOME: "/state" }, "/state/cmdrdata/spool"],
    ["linux", { HOME: "/home/ada", XDG_STATE_HOME: "relative" }, "/home/ada/.local/state/cmdrdata/spool"],
    ["linux", { HOME: "" }, undefined],
    ["linux", {}, undefined],
    ["darwin", { HOME: "/Users/ada" }, "/Users/ada/Library/Application Support/cmdrdata/spool"],
    ["win32", { LOCALAPPDATA: "C:\\Users\\ada\\AppData\\Local" }, "C:\\Users\\ada\\AppData\\Local\\cmdrdata\\spool"],
    ["win32", { HOME: "/home/ada" }, undefined],
  ])("on %s with %o is %s", (platform, env, folder) => {
    expect(defaultSpoolDir(env, platform)).toBe(folder);
  });

  it("is of this platform unless told otherwise", () => {
    expect(defaultSpoolDir({ HOME: "/a", LOCALAPPDATA: "b" })).toMatch(/cmdrdata.spool$/);
  });
});
