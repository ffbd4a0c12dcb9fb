import { describe, expect, it } from "vitest";

import { openWriter } from "../src/index.ts";
import { openWorker } from "../src/worker-channel.ts";

const url = new URL("./echo-worker.ts", import.meta.url);

async function open() {
  const deaths: string[] = [];
  const channel = await openWorker<string, string>({
    url,
    workerData: null,
    onDeath: (cause) => deaths.push(cause.message),
  });
  return { channel, deaths };
}

describe("openWorker", () => {
  it("answers every call by its number, and closes quietly", async () => {
    const { channel, deaths } = await open();
    expect(await Promise.all(["a", "b", "c"].map((text) => channel.call(text)))).toEqual(["a", "b", "c"]);
    await expect(channel.call("fail")).rejects.toThrow("no");
    await expect(channel.call("coded")).rejects.toMatchObject({ code: "CMDR_QUERY_TOO_LONG", message: "too long" });
    await channel.close();
    await channel.close();
    expect(deaths).toEqual([]);
    await expect(channel.call("late")).rejects.toThrow("ended with code 0");
  });

  it.each([
    ["die", "worker thread ended with code 3"],
    ["throw", "worker bug"],
  ])("rejects what is under way when the worker comes to a %s, and tells of it once", async (request, cause) => {
    const { channel, deaths } = await open();
    await expect(channel.call(request)).rejects.toThrow(cause);
    await expect(channel.call("later")).rejects.toThrow(cause);
    await channel.close();
    expect(deaths).toEqual([cause]);
  });

  it("rejects with the reason when the worker cannot start", async () => {
    await expect(
      openWriter({
        location: { engine: "sqlite", path: "/nowhere/at/all.db" },
        maxBytesInFlight: 1,
        onDeath: () => {},
      }),
    ).rejects.toThrow("unable to open");
  });
});
