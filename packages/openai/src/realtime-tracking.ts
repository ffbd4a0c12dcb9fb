/**
 * The tracking of one connection: joins what follows its events with the recorder, which makes events of ours, and the
 * tracker, which delivers them. Nothing here throws into the connection, or makes it wait (D1).
 */
import { AzureOpenAI } from "openai";

import type { Endpoint } from "./answer.ts";
import { createCallRecorder, createWarn } from "./call-recorder.ts";
import type { Call, CallRecorder } from "./call.ts";
import { endpoints } from "./capture/endpoints.ts";
import type { ConnectionClient, TrackRealtimeOptions } from "./options/realtime-options.ts";
import { openAIState } from "./process-state.ts";
import {
  isAzureUrl,
  modelIn,
  type OpenConnection,
  type RealtimeConnection,
  urlOf,
  whenClosed,
} from "./realtime/connection.ts";
import { type EventFollower, followEvents, type Moment, type Turn } from "./realtime/follow-events.ts";
import { realtimeResponse } from "./realtime/turns.ts";
import { type RealtimeConfig, resolveRealtimeOptions } from "./resolve-realtime-options.ts";
import { partsOf, type System } from "./with-tracking.ts";

/** A connection that is tracked: for whom may be said anew. */
export interface TrackedConnection {
  config: RealtimeConfig;
}

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every option that is wrong */
export function trackConnection<Connection extends RealtimeConnection>(
  connection: Connection,
  options: TrackRealtimeOptions,
  system: System,
): Connection {
  const tracked = openAIState().trackedConnections?.get(connection);
  if (tracked === undefined) {
    const client = options.client ?? clientOf(connection);
    return startTracking(connection, resolveRealtimeOptions({ ...options, client }, system.environment()), system);
  }
  if (Object.keys(options).length === 0) return connection;
  const config = resolveRealtimeOptions({ ...tracked.config.given, ...options }, system.environment());
  tracked.config = { ...config, contextCustomer: config.contextCustomer ?? tracked.config.contextCustomer };
  return connection;
}

/** The client that a connection was made with, where it names it: those of the Responses and the Live API do. */
function clientOf(connection: RealtimeConnection): ConnectionClient | undefined {
  return Reflect.get(connection, "_client") as ConnectionClient | undefined;
}

/** @param config - checked before the connection is made: one that is open must not be lost for a wrong option */
export function startTracking<Connection extends RealtimeConnection>(
  connection: Connection,
  config: RealtimeConfig,
  system: System,
): Connection {
  const tracked: TrackedConnection = { config };
  (openAIState().trackedConnections ??= new WeakMap()).set(connection, tracked);
  const listen = listenTo(connection, tracked, system);
  connection.on("event", listen);
  return connection;
}

interface Recording {
  readonly config: RealtimeConfig;
  readonly recorder: CallRecorder;
  readonly report: (bug: unknown) => void;
}

function listenTo(connection: OpenConnection, tracked: TrackedConnection, system: System): (event: unknown) => void {
  let recording = record(connection, tracked.config, system);
  const current = (): Recording => {
    if (recording.config !== tracked.config) recording = record(connection, tracked.config, system);
    return recording;
  };
  const guard =
    <Given>(tell: (given: Given) => void) =>
    (given: Given): void => {
      try {
        tell(given);
      } catch (bug) {
        say(current, bug);
      }
    };
  let watched: unknown;
  const { now, monotonicNow } = system.clock;
  const follower: EventFollower = followEvents({
    responses: endpoints["/responses"] as Endpoint,
    now: () => ({ startedAtMs: now(), startedTick: monotonicNow() }),
    start(endpoint, at) {
      const { socket } = connection;
      // Another one after a reconnect.
      if (watched !== socket) whenClosed(socket, guard(follower.closed));
      watched = socket;
      return startTurn(connection, current(), endpoint, at);
    },
  });
  return guard(follower.event);
}

function say(current: () => Recording, bug: unknown): void {
  try {
    current().report(bug);
  } catch {
    // The program's own logger threw: there is nowhere left to say it.
  }
}

function record(connection: OpenConnection, config: RealtimeConfig, system: System): Recording {
  const { client, tracking } = config;
  const isAzure = client instanceof AzureOpenAI || isAzureUrl(urlOf(connection));
  const { recorder, report } = createCallRecorder({
    config: tracking,
    parts: partsOf({ ...system, unknownHost: isAzure ? "azure" : "other" }),
    baseUrl: () => urlOf(connection)?.href ?? "",
    warn: createWarn((client ?? {}) as Parameters<typeof createWarn>[0], tracking.logger),
  });
  return { config, recorder, report };
}

function startTurn(connection: OpenConnection, recording: Recording, endpoint: Endpoint, at: Moment | undefined): Turn {
  const { config, recorder } = recording;
  const url = urlOf(connection);
  const call: Call = { ...recorder.start(), contextCustomer: config.contextCustomer, ...at };
  call.endpoint = endpoint;
  call.customerId = config.customerId;
  call.metadata = config.metadata;
  call.requestedModel = endpoint === realtimeResponse ? modelIn(url) : null;
  call.streaming = true;
  return { call, recorder };
}
