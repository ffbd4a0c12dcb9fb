/**
 * Whose attempt it is that goes out with a copy of a call's options: openai 6 and 7 make one to send a call again whose
 * workload identity token was refused. Only where a client has such an identity do its options carry anything for that.
 */
import type { OpenAI } from "openai";

import type { Call, SdkRequest } from "./call.ts";
import type { ClientTracking } from "./client-tracking.ts";

interface Sender {
  readonly call: Call;
  readonly tracking: ClientTracking;
}

/** Copies by spreading keep it. */
const sender: unique symbol = Symbol("cmdrdata.sender");

export function sendsCopies(client: OpenAI): boolean {
  const { _options: options } = client as unknown as { readonly _options?: { readonly workloadIdentity?: unknown } };
  return (options?.workloadIdentity ?? null) !== null;
}

export function markSender(options: SdkRequest, by: Sender): void {
  Reflect.set(options, sender, by);
}

export function senderOf(options: SdkRequest): Sender | undefined {
  return (options as { readonly [sender]?: Sender })[sender];
}
