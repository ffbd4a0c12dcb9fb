import { describe, expect, it } from "vitest";

import { openWriter } from "../src/index.ts";
import { openOnDemand, openWorker } from "../src/worker-channel.ts";

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

describe("openOnDemand", () => {
  const openAt = (url: URL) => openOnDemand<string, string>({ url, workerData: null, onDeath: () => {} });

  it("starts one worker for the calls that come first together, and closes it", async () => {
    const channel = openAt(url);
    expect(await Promise.all(["a", "b"].map((text) => channel.call(text)))).toEqual(["a", "b"]);
    await channel.close();
    await expect(channel.call("late")).rejects.toThrow("before the worker was closed");
  });

  it("closes one that never started, or could not", async () => {
    await openAt(url).close();
    const broken = openAt(new URL("./no-such-worker.ts", import.meta.url));
    const call = broken.call("a");
    await Promise.all([expect(call).rejects.toThrow("no-such-worker"), broken.close()]);
  });

  it("fails the call that it cannot start for, and tries again with the next", async () => {
    const broken = openAt(new URL("./no-such-worker.ts", import.meta.url));
    await expect(broken.call("a")).rejects.toThrow("no-such-worker");
    await expect(broken.call("b")).rejects.toThrow("no-such-worker");
    await broken.close();
  });
});
