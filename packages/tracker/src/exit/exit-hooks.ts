/**
 * What happens at a process's end to what its trackers hold: one listener per event for the whole process, however many
 * trackers and copies of this package there are.
 *
 * | the end                            | what is done                                                                  |
 * | nothing left to do (`beforeExit`)  | each tracker delivers, within its own time; then the process ends, as it was  |
 * | `exit`, after whatever came before | what is held goes to the spool, at once                                       |
 * | SIGTERM, SIGINT, program listens   | delivery begins; the program decides when it ends                             |
 * | SIGTERM, SIGINT, nobody listens    | each tracker delivers, within its own time; then the signal does what it does |
 * | the same, once more meanwhile      | what is held goes to the spool, and the signal does what it does              |
 *
 * An exception or a rejection that nobody catches ends in `exit`, and is printed and counted by Node as ever.
 *
 * X1 the process's exit code or signal is what it would be without. X2 nothing here keeps a process alive but a delivery
 * in its own time. X3 no warning of too many listeners that would not be there without.
 */

/** What a tracker does at the end. None of these throws. */
export interface Leaving {
  /**
   * Delivers what is held, or keeps it on the disk.
   *
   * @param isLast - the program does nothing more: what it has not asked for yet it will not ask for
   * @returns when that is done, at the latest when its time is over; `undefined` when there is nothing more to do
   */
  leave(isLast: boolean): Promise<void> | undefined;
  /** Keeps what is held on the disk, at once; the process may live on. */
  keep(): void;
  /** The same, as the last thing: nothing is delivered any more. */
  end(): void;
}

/** What is used of `process`; a runtime that has less of it has no hooks. */
export interface ExitingProcess {
  on(event: string, listener: (...args: never[]) => void): unknown;
  prependListener(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  listeners(event: string): readonly unknown[];
  getMaxListeners(): number;
  setMaxListeners(count: number): unknown;
  kill(pid: number, signal: string): unknown;
  readonly pid: number;
}

export interface ExitHooks {
  add(member: Leaving): void;
  /** Without members there are no listeners. */
  remove(member: Leaving): void;
}

const signals = ["SIGTERM", "SIGINT"] as const;
type Signal = (typeof signals)[number];

/** @param handlesSignals - `false` in a worker thread, where none arrive */
export function createExitHooks(process: ExitingProcess, handlesSignals: boolean): ExitHooks {
  return new Hooks(process, handlesSignals ? signals : []);
}

class Hooks implements ExitHooks {
  readonly #process: ExitingProcess;
  readonly #signals: readonly Signal[];
  readonly #members = new Set<Leaving>();
  /** The process waits for its trackers, since this signal. */
  #dying: Signal | undefined;
  #listening = false;

  constructor(process: ExitingProcess, handled: readonly Signal[]) {
    this.#process = process;
    this.#signals = handled;
  }

  add(member: Leaving): void {
    this.#members.add(member);
    this.#listen();
  }

  remove(member: Leaving): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#stopListening();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#process.setMaxListeners(moreListeners(this.#process.getMaxListeners(), 1));
    this.#process.on("beforeExit", this.#beforeExit);
    this.#process.on("exit", this.#exit);
    // First in line: a listener of the program's for one time only is gone by the time that later ones are called.
    for (const signal of this.#signals) this.#process.prependListener(signal, this.#signalled);
  }

  #stopListening(): void {
    if (!this.#listening) return;
    this.#listening = false;
    this.#process.off("beforeExit", this.#beforeExit);
    this.#process.off("exit", this.#exit);
    for (const signal of this.#signals) this.#process.off(signal, this.#signalled);
    this.#process.setMaxListeners(moreListeners(this.#process.getMaxListeners(), -1));
  }

  /** Again after each time that there was something to do. */
  readonly #beforeExit = (): void => {
    for (const member of this.#members) void member.leave(true);
  };

  readonly #exit = (): void => {
    for (const member of this.#members) member.end();
  };

  readonly #signalled = (signal: Signal): void => {
    // Also one that was added after ours: the program decides.
    const goesOn = this.#process.listeners(signal).some((listener) => listener !== this.#signalled);
    const left = [...this.#members].flatMap((member) => member.leave(!goesOn) ?? []);
    if (goesOn) return;
    if (this.#dying !== undefined || left.length === 0) return this.#die(signal);
    this.#dying = signal;
    void this.#dieAfter(left, signal);
  };

  async #dieAfter(left: readonly Promise<void>[], signal: Signal): Promise<void> {
    await Promise.all(left);
    if (this.#dying === signal) this.#die(signal);
  }

  /** Does what the signal would have done. Where that is nothing, as for the first process of a container, life goes on. */
  #die(signal: Signal): void {
    this.#dying = undefined;
    for (const member of this.#members) member.keep();
    this.#stopListening();
    this.#process.kill(this.#process.pid, signal);
    this.#listen();
  }
}

/** 0 is any number of them. */
function moreListeners(count: number, more: number): number {
  return count === 0 ? 0 : count + more;
}
