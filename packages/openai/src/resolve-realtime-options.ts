/**
 * Completes and checks the options of a realtime connection's tracking. What is not given is the client's, where that is a
 * tracked one.
 */
import { type FieldProblem, type JsonObject, readMetadata } from "@cmdrdata/protocol";
import type { OpenAI } from "openai";

import { getCustomerContext } from "./customer-context.ts";
import type { TrackingOptions } from "./options/client-options.ts";
import type { ConnectionClient, RealtimeTrackingOptions, TrackRealtimeOptions } from "./options/realtime-options.ts";
import {
  type Environment,
  passOn,
  resolveClientOptions,
  type TrackingConfig,
} from "./options/resolve-client-options.ts";
import { untrackedOf } from "./with-tracking.ts";

/** For whom a connection's turns are, and where their events go. */
export interface RealtimeConfig {
  /** Its `customerId` is the client's default. */
  readonly tracking: TrackingConfig;
  readonly customerId: string | undefined;
  /** Of the context in which the connection was tracked. */
  readonly contextCustomer: string | undefined;
  readonly metadata: JsonObject;
  readonly client: ConnectionClient | undefined;
  /** What the program said itself. */
  readonly given: TrackRealtimeOptions;
}

export const realtimeOptionNames: readonly (keyof RealtimeTrackingOptions)[] = [
  "customerId",
  "customMetadata",
  "tracker",
  "trackerKey",
  "trackerEndpoint",
  "trackerTimeout",
  "attributionStore",
];

/**
 * @param otherProblems - found by the caller, for the same list
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists everything that is wrong
 */
export function resolveRealtimeOptions(
  options: TrackRealtimeOptions,
  environment: Environment,
  otherProblems: readonly string[] = [],
): RealtimeConfig {
  const { client, customMetadata, ...rest } = options;
  const problems: FieldProblem[] = [];
  const metadata = customMetadata === undefined ? {} : readMetadata(customMetadata, problems);
  const behind = clientTracking(client, options);
  const logger = options.logger ?? (client as Partial<OpenAI> | undefined)?.logger;
  const { tracking } = resolveClientOptions({ logger, ...passOn(behind, rest) }, environment, [
    ...otherProblems,
    ...problems.map(({ message }) => `customMetadata: ${message}`),
  ]);
  return {
    tracking: { ...tracking, customerId: behind.customerId },
    customerId: options.customerId,
    contextCustomer: getCustomerContext(),
    metadata,
    client,
    given: options,
  };
}

/** The very tracker of the client, unless the options name another way to the collector. */
function clientTracking(client: ConnectionClient | undefined, options: RealtimeTrackingOptions): TrackingOptions {
  const behind = client === undefined ? undefined : untrackedOf(client);
  if (behind === undefined) return {};
  const { given } = behind;
  const { trackerKey, trackerEndpoint, trackerTimeout } = options;
  if ([trackerKey, trackerEndpoint, trackerTimeout].some((option) => option !== undefined)) return given;
  const { tracker } = client as { readonly tracker?: TrackingOptions["tracker"] };
  return { customerId: given.customerId, attributionStore: given.attributionStore, tracker };
}
