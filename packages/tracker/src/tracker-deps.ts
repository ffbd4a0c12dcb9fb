/** What a tracker runs on beside its options: the machine's own, unless a test gives others. */
import { type Clock, systemClock } from "./clock.ts";
import type { ExitHooks } from "./exit/exit-hooks.ts";
import { processExitHooks } from "./exit/process-exit-hooks.ts";
import type { TrackerConfig } from "./options.ts";
import { type Random, systemRandom } from "./random.ts";
import { openSpool } from "./spool/open-spool.ts";
import type { Spool } from "./spool/spool.ts";
import { createTransport } from "./transport/create-transport.ts";
import type { Transport } from "./transport/transport.ts";

export interface TrackerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  /** Called once, when the tracker begins to shut down: from then on it is of no use to anybody new. */
  readonly onShutdown: () => void;
  readonly exitHooks: ExitHooks;
  /** What is left at the end goes there. @param onChange - told what is wrong with it, once, and when nothing is again */
  readonly openSpool: (onChange: (problem: string | undefined) => void) => Spool | undefined;
}

export function completeDeps(config: TrackerConfig, given: Partial<TrackerDeps>): TrackerDeps {
  const clock = given.clock ?? systemClock;
  return {
    clock,
    random: given.random ?? systemRandom,
    transport: given.transport ?? createTransport(config.ca),
    onShutdown: given.onShutdown ?? (() => {}),
    exitHooks: given.exitHooks ?? processExitHooks(),
    openSpool: given.openSpool ?? ((onChange) => openSpool(config, clock, onChange)),
  };
}
