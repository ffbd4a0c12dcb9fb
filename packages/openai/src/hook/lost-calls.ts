/**
 * Notices calls whose outcome nobody can learn any more: a promise never awaited, a response or a stream never read.
 *
 * What the program holds is only watched here, never held. The record of a call moves from holder to holder (promise,
 * response, stream); losing one that was passed means nothing.
 */
import type { Call, CallRecorder, Holder } from "../call.ts";

interface Watched {
  readonly call: Call;
  readonly holder: Holder;
  readonly recorder: CallRecorder;
}

// One for all clients, since it must outlive them: a registry that is collected itself notices nothing.
let registry: FinalizationRegistry<Watched> | undefined;

/** From now on `held` is what can still bring the call's outcome. */
export function watchHolder(held: object, watched: Watched): void {
  watched.call.holder = watched.holder;
  // Some workers at the edge do not tell what is collected: there such a call is not recorded.
  if (typeof FinalizationRegistry === "undefined") return;
  watched.recorder.held(watched.call);
  registry ??= new FinalizationRegistry(({ call, holder, recorder }) => {
    if (call.holder === holder) recorder.abandoned(call);
  });
  registry.register(held, watched);
}
