/** A streamed answer under the program's control: what is sent when, and not a byte before. */
import type { ServerResponse } from "node:http";

import { chatChunks } from "../fixtures.ts";
import { cutOff, eventText, type ScriptedOpenAI, type SeenRequest } from "../scripted-openai.ts";

export interface Line {
  /** The request has come and the headers of the answer are sent. */
  readonly open: Promise<SeenRequest>;
  /** Resolves when the piece has left the server. */
  send(piece: object | string): Promise<void>;
  end(): Promise<void>;
  /** The rest of a chat stream: usage where it was asked for, and the end. */
  finish(): Promise<void>;
  drop(): Promise<void>;
}

export function addLine(server: ScriptedOpenAI): Line {
  let opened: (line: { answer: ServerResponse; request: SeenRequest }) => void;
  const open = new Promise<{ answer: ServerResponse; request: SeenRequest }>((resolve) => (opened = resolve));
  server.next.push({ kind: "line", line: (answer, request) => opened({ answer, request }) });
  const write = async (text: string): Promise<void> => {
    const { answer } = await open;
    await new Promise<void>((written) => answer.write(text, () => written()));
  };
  return {
    open: open.then(({ request }) => request),
    send: (piece) => write(typeof piece === "string" ? piece : eventText(piece)),
    async end() {
      (await open).answer.end("data: [DONE]\n\n");
    },
    async finish() {
      const { answer, request } = await open;
      const withUsage = request.body.includes('"include_usage":true');
      for (const chunk of chatChunks(withUsage).slice(4)) await write(eventText(chunk));
      answer.end("data: [DONE]\n\n");
    },
    async drop() {
      cutOff((await open).answer);
    },
  };
}
