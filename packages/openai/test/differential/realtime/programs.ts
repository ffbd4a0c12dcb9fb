/** What is done with a connection, on the SDK's class and on ours: `say` keeps what the program sees. */
import type { WebSocket } from "ws";

import {
  refusedEvent,
  responseCreated,
  sessionCreated,
  transcribed,
  transcriptDelta,
  turn,
} from "../../realtime-fixtures.ts";
import { readFrame, tell } from "../../realtime-server.ts";
import type { Connection } from "./connections.ts";

type Say = (...words: readonly unknown[]) => void;

export interface RealtimeProgram {
  readonly name: string;
  /** The server's side. */
  readonly serve: (socket: WebSocket) => unknown;
  readonly run: (connection: Connection, say: Say) => unknown;
  /** Not for the runtime's own WebSocket: that of Node 22 does not tell the end of such a connection. */
  readonly notNative?: true;
  /** Operations of the events that a tracked connection makes. */
  readonly events: readonly string[];
}

const started = sessionCreated("gpt-realtime-2025-08-28", "whisper-1");
const spoken = transcribed("item_1", { type: "duration", seconds: 2 });
const response = "realtime.response";

/** Answers every frame of the client, and ends the connection after a `session.update`. */
function answerAndEnd(socket: WebSocket): void {
  tell(socket, started);
  socket.on("message", (data) => {
    const { type } = readFrame(data) as { readonly type: string };
    if (type === "response.create") tell(socket, spoken, ...turn("resp_1"), refusedEvent);
    else socket.close(1_001, "bye");
  });
}

export const programs: readonly RealtimeProgram[] = [
  {
    name: "a conversation that the server ends",
    serve: answerAndEnd,
    run(connection, say) {
      connection.on("event", (event) => say("event", event));
      connection.on("response.done", (event) => say("done", event));
      connection.once("session.created", (event) => {
        say("created", event);
        connection.send({ type: "response.create" });
      });
      connection.on("error", (error: Error & { readonly error?: unknown }) => {
        say("error", error.constructor.name, error.message, error.error, error.cause);
        connection.send({ type: "session.update" });
      });
    },
    events: ["realtime.transcription", response],
  },
  {
    name: "a conversation that the program ends",
    serve: answerAndEnd,
    async run(connection, say) {
      say("created", await connection.emitted("session.created"));
      connection.on("error", () => connection.close());
      connection.send({ type: "response.create" });
      say("done", await connection.emitted("response.done"));
    },
    events: ["realtime.transcription", response],
  },
  {
    name: "errors that nobody listens for",
    serve: (socket) => {
      tell(socket, refusedEvent);
      socket.send("no JSON");
      tell(socket, ...turn("resp_1"));
    },
    run: (connection) => connection.on("response.done", () => connection.close({ code: 4_001, reason: "enough" })),
    events: [response],
  },
  {
    name: "a connection that is lost in the middle of a response",
    serve: (socket) => tell(socket, responseCreated("resp_1"), transcriptDelta("resp_1")),
    run(connection, say) {
      connection.on("event", (event: { readonly type: string }) => {
        say("event", event.type);
        if (event.type.endsWith(".delta")) connection.close({ code: 4_002, reason: "lost" });
      });
    },
    events: [response],
  },
  {
    name: "a connection that is closed before it is open",
    notNative: true,
    serve: () => undefined,
    run: (connection) => connection.close(),
    events: [],
  },
  {
    name: "what is sent before the connection is open",
    serve: (socket) => socket.close(1_000),
    run: (connection) => connection.send({ type: "response.create" }),
    events: [],
  },
];
