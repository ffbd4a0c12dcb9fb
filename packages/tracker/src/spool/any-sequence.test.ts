/** Random sequences of all that happens to a spool, with crashes that tear its files at any byte. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fakeClock } from "@cmdrdata/testkit";
import fc from "fast-check";
import { expect, it } from "vitest";

import { type Disk, openDisk } from "./disk.ts";
import { openDiskSpool } from "./disk-spool.ts";
import type { Claimant } from "./liveness.ts";
import type { AdoptedEvent, Spool } from "./spool.ts";

type Step =
  | { readonly do: "write"; readonly who: number; readonly count: number; readonly bytes: number }
  | { readonly do: "done"; readonly who: number; readonly from: number; readonly count: number }
  | { readonly do: "adopt"; readonly who: number }
  | { readonly do: "release"; readonly who: number }
  | { readonly do: "crash"; readonly who: number; readonly tornBytes: number };

const who = fc.nat({ max: 2 });
const steps = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ do: fc.constant("write"), who, count: fc.nat(20), bytes: fc.nat(60_000) }), weight: 3 },
    { arbitrary: fc.record({ do: fc.constant("done"), who, from: fc.nat(30), count: fc.nat(40) }), weight: 3 },
    { arbitrary: fc.record({ do: fc.constant("adopt"), who }), weight: 2 },
    { arbitrary: fc.record({ do: fc.constant("release"), who }), weight: 1 },
    { arbitrary: fc.record({ do: fc.constant("crash"), who, tornBytes: fc.nat(200) }), weight: 2 },
  ) as fc.Arbitrary<Step>,
  { maxLength: 40 },
);

const disk = openDisk() as Disk;

/** Three processes that share a folder, each started again after its crash. */
class World {
  readonly folder = fs.mkdtempSync(join(tmpdir(), "cmdrdata-world-"));
  readonly #living = new Map<number, string>();
  readonly #spools: Spool[] = [];
  readonly #pids: number[] = [];
  /** By process: its events without an outcome. */
  readonly held: AdoptedEvent[][] = [[], [], []];
  /** Written or adopted, and without an outcome: may be in the spool or in a crashed process's files. */
  readonly expected = new Set<string>();
  #pid = 0;
  #made = 0;

  constructor() {
    for (const index of [0, 1, 2]) this.#start(index);
  }

  #start(index: number): void {
    this.#pid += 1;
    const self: Claimant = { boot: "b", namespace: "n", pid: this.#pid, start: `s${this.#pid}`, thread: 0 };
    this.#living.set(self.pid, `s${this.#pid}`);
    this.#pids[index] = self.pid;
    this.held[index] = [];
    const liver = { self, startOf: (pid: number) => this.#living.get(pid) };
    this.#spools[index] = openDiskSpool(this.folder, 1e9, { disk, liver, clock: fakeClock(), onChange: fail });
  }

  run(step: Step): void {
    const spool = this.#spools[step.who] as Spool;
    const held = this.held[step.who] as AdoptedEvent[];
    switch (step.do) {
      case "write": {
        const texts = Array.from({ length: step.count }, () => `${(this.#made += 1)} `.padEnd(step.bytes, "x"));
        const { receipts } = spool.write(texts.map((json) => ({ json })));
        expect(receipts).toHaveLength(texts.length);
        receipts.forEach((receipt, index) => held.push({ json: texts[index] as string, receipt }));
        for (const text of texts) this.expected.add(text);
        return;
      }
      case "done": {
        const some = held.splice(step.from, step.count);
        spool.done(some.map(({ receipt }) => receipt));
        for (const { json } of some) this.expected.delete(json);
        return;
      }
      case "adopt":
        held.push(...(spool.adopt(Infinity) ?? []));
        return;
      case "release":
        spool.release();
        this.held[step.who] = [];
        return;
      case "crash":
        this.#living.delete(this.#pids[step.who] as number);
        this.#tear(step.tornBytes);
        this.#start(step.who);
    }
  }

  /** What a process that dies in mid-write leaves: the first bytes of a record of its, at the end of a file. */
  #tear(bytes: number): void {
    const dead = fs.readdirSync(this.folder).filter((name) => name.endsWith(".seg"));
    const [name] = dead.filter((file) => !this.#isOfALiving(file));
    if (name === undefined || bytes === 0) return;
    const record = `89abcdef 200 E9999 - ${"y".repeat(200)}\n`;
    fs.appendFileSync(join(this.folder, name), record.slice(0, bytes));
  }

  #isOfALiving(segment: string): boolean {
    const lease = join(this.folder, `${segment.split("-")[0]}.lease`);
    if (!fs.existsSync(lease)) return false;
    return this.#living.has((JSON.parse(fs.readFileSync(lease, "utf8")) as Claimant).pid);
  }

  /** All that can be found once every process has ended. */
  drain(): string[] {
    for (const index of [0, 1, 2]) this.run({ do: "crash", who: index, tornBytes: 0 });
    const found: string[] = [];
    for (;;) {
      const some = this.#spools[0]?.adopt(Infinity);
      if (some === undefined) return found;
      found.push(...some.map(({ json }) => json));
    }
  }
}

function fail(problem: string | undefined): void {
  throw new Error(`the disk is well, and the spool says: ${problem}`);
}

it("any sequence of write, done, adopt, release and torn crash loses nothing and doubles nothing (P2, P3, P5)", () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const world = new World();
      try {
        for (const step of sequence) {
          world.run(step);
          const inMemory = world.held.flat().map(({ json }) => json);
          expect(new Set(inMemory).size).toBe(inMemory.length);
        }
        expect(world.drain().toSorted()).toEqual([...world.expected].toSorted());
      } finally {
        fs.rmSync(world.folder, { recursive: true });
      }
    }),
    { numRuns: 150 },
  );
});
