/**
 * A collector that is wrong on purpose, to show that a day fails on one: it stands before the true ones, and lies.
 *
 * Its url for a collector is its own with the collector's port as path.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

import type { IngestReply } from "@cmdrdata/protocol";

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Lie {
  /** What is handed on for what came. */
  readonly body?: (text: string, number: number) => string;
  /** What is answered; `undefined` comes where the true collector did not answer. */
  readonly answer?: (text: string, number: number, answer: Answer | undefined) => Answer | undefined;
}

export type LieName = "takes what is lost" | "counts duplicates again" | "flags nothing";

const lies: Readonly<Record<LieName, Lie>> = {
  /** Each second time, so that some refusals are seen. */
  "takes what is lost": {
    answer: (text, number, answer) =>
      answer?.status === 200 || number % 2 === 0 ? answer : reply({ accepted: (JSON.parse(text) as unknown[]).length }),
  },
  "counts duplicates again": {
    body: (text, number) =>
      JSON.stringify((JSON.parse(text) as { readonly id: string }[]).map((e) => ({ ...e, id: `${e.id}-${number}` }))),
  },
  "flags nothing": {
    answer: (_text, _number, answer) =>
      answer?.status === 200 ? reply({ ...(JSON.parse(answer.text) as IngestReply), flagged: [] }) : answer,
  },
};

/** The lie that a misfortune is to reveal. */
export function lieFor(misfortune: string): LieName {
  if (/clock/.test(misfortune)) return "flags nothing";
  return /storm/.test(misfortune) ? "counts duplicates again" : "takes what is lost";
}

export interface Liar {
  instead(url: string): string;
  close(): void;
}

export async function startLiar(name: LieName): Promise<Liar> {
  const { body = (text) => text, answer = (_text, _number, found) => found } = lies[name];
  let requests = 0;
  const server = createServer((request, response) => {
    const number = (requests += 1);
    const lie = async (): Promise<void> => {
      const text = await textOf(request);
      const told = answer(text, number, await handOn(request, body(text, number)));
      if (told === undefined) response.destroy();
      else response.writeHead(told.status, { "retry-after": "1" }).end(told.text);
    };
    void lie().catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    instead: (url) => `http://127.0.0.1:${port}/${new URL(url).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += String(part);
  return text;
}

async function handOn({ url = "", headers }: IncomingMessage, body: string): Promise<Answer | undefined> {
  const [, port, path] = /^\/(\d+)(\/.*)$/.exec(url) ?? [];
  const { authorization = "" } = headers;
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body,
    });
    return { status: response.status, text: await response.text() };
  } catch {
    // Whoever is told that this was taken comes with the next at once.
    await setTimeout(20);
    return undefined;
  }
}

function reply(parts: Partial<IngestReply>): Answer {
  const nothing: IngestReply = { accepted: 0, duplicates: 0, conflicts: 0, rejected: [], flagged: [] };
  return { status: 200, text: JSON.stringify({ ...nothing, ...parts }) };
}
