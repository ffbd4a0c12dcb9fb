/** Connections to one scripted server, and what tracking captured of them. */
import { once } from "node:events";

import { afterAll, beforeAll } from "vitest";

import { OpenAI, type TrackedClientOptions } from "../src/index.ts";
import { OpenAIRealtimeWS } from "../src/realtime-ws.ts";
import { recordingTracker, type RecordingTracker, silent } from "./harness.ts";
import { type RealtimeServer, startRealtimeServer, tell } from "./realtime-server.ts";

type Props = Omit<ConstructorParameters<typeof OpenAIRealtimeWS>[0], "model" | "callID">;

/** The server's certificate is its own. */
export const unchecked = { options: { rejectUnauthorized: false } };

export interface RealtimeBench {
  readonly server: RealtimeServer;
  readonly tracker: RecordingTracker;
  readonly client: OpenAI;
  /** Opens a tracked connection to a server that says this, then ends it. */
  run(events: readonly object[], props?: Props): Promise<OpenAIRealtimeWS>;
}

/** One server for the tests of a file; every call of the function it returns makes a fresh client. */
export function useRealtime(): (options?: TrackedClientOptions) => RealtimeBench {
  let server: RealtimeServer;
  beforeAll(async () => {
    server = await startRealtimeServer();
  });
  afterAll(() => server.close());
  return (options = {}) => {
    for (const kept of [server.next, server.upgrades, server.received, server.closed]) kept.length = 0;
    const tracker = recordingTracker();
    const { baseURL } = server;
    const client = new OpenAI({
      apiKey: "sk-test-0123456789",
      baseURL,
      logger: silent,
      tracker,
      customerId: "acme",
      ...options,
    });
    return {
      server,
      tracker,
      client,
      async run(events, props = {}) {
        server.next.push((socket) => tell(socket, ...events, lastWord));
        const connection = new OpenAIRealtimeWS({ model: "gpt-realtime", ...unchecked, ...props }, client);
        await hear(connection, lastWord.type);
        await hangUp(connection);
        return connection;
      },
    };
  };
}

const lastWord = { type: "test.last_word", event_id: "event_last" };

interface Emitter {
  on(event: "event", listener: (event: { readonly type: string }) => void): unknown;
}

/** Resolves when the connection has had an event of this type. */
export function hear(connection: Emitter, type: string): Promise<void> {
  return new Promise((resolve) => void connection.on("event", (event) => event.type === type && resolve()));
}

export async function hangUp(connection: OpenAIRealtimeWS, code = 1_000): Promise<void> {
  const closed = once(connection.socket, "close");
  connection.close({ code, reason: "OK" });
  await closed;
}
