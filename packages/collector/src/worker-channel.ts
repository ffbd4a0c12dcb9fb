/**
 * Calls into a worker thread, answered by number.
 *
 * Promise: every call is answered once; when the worker dies, calls under way and later ones reject, and `onDeath` is
 * told once. `close` waits for the calls under way.
 */
import { once } from "node:events";
import { type Transferable, Worker } from "node:worker_threads";

import { CmdrdataError, type ErrorCode } from "@cmdrdata/protocol";

/** What goes to the worker (`undefined` asks it to close) and what comes back. */
export interface Call<Request> {
  readonly number: number;
  readonly request: Request;
}
export type Answer<Response> =
  | { readonly number: number; readonly response: Response }
  | ({ readonly number: number } & Failure);

/** An error as it crosses the threads, which keep neither its class nor its code. */
export interface Failure {
  readonly error: string;
  readonly code?: ErrorCode;
  readonly retryable?: boolean;
}

export function failureOf(error: unknown): Failure {
  return CmdrdataError.is(error)
    ? { error: error.message, code: error.code, retryable: error.retryable }
    : { error: String(error) };
}

function errorOf({ error, code, retryable = false }: Failure): Error {
  return code === undefined ? new Error(error) : new CmdrdataError(code, error, { retryable });
}

export interface WorkerChannel<Request, Response> {
  call(request: Request, transfer?: readonly Transferable[]): Promise<Response>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  readonly url: URL;
  readonly workerData: unknown;
  readonly onDeath: (cause: Error) => void;
}

/** Starts a worker and resolves once it says it is ready; rejects with the reason when it cannot start. */
export async function openWorker<Request, Response>(options: WorkerOptions): Promise<WorkerChannel<Request, Response>> {
  const worker = new Worker(options.url, { workerData: options.workerData });
  const pending = new Map<number, { resolve(response: Response): void; reject(cause: Error): void }>();
  let dead: Error | undefined;
  let closing = false;
  let calls = 0;
  const die = (cause: Error): void => {
    if (dead !== undefined) return;
    dead = cause;
    for (const { reject } of pending.values()) reject(cause);
    pending.clear();
    if (!closing) options.onDeath(cause);
  };
  await once(worker, "message");
  worker.on("error", die);
  worker.on("exit", (code) => die(new Error(`worker thread ended with code ${code}`)));
  worker.on("message", (answer: Answer<Response>) => {
    const call = pending.get(answer.number);
    pending.delete(answer.number);
    if ("error" in answer) call?.reject(errorOf(answer));
    else call?.resolve(answer.response);
  });
  return {
    call: (request, transfer = []) =>
      new Promise((resolve, reject) => {
        if (dead !== undefined) return reject(dead);
        calls += 1;
        pending.set(calls, { resolve, reject });
        worker.postMessage({ number: calls, request } satisfies Call<Request>, transfer);
      }),
    close: async () => {
      if (dead !== undefined) return;
      closing = true;
      const exit = once(worker, "exit");
      worker.postMessage(undefined);
      await exit;
    },
  };
}

/**
 * A channel to a worker that starts with the first call: one that nobody calls takes no memory and no time. A start that
 * fails fails that call, and the next call tries again.
 */
export function openOnDemand<Request, Response>(options: WorkerOptions): WorkerChannel<Request, Response> {
  let opened: Promise<WorkerChannel<Request, Response>> | undefined;
  let closed = false;
  const open = async (): Promise<WorkerChannel<Request, Response>> => {
    try {
      return await openWorker(options);
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
  return {
    call: async (request, transfer) => {
      if (closed) throw new Error("expected a call before the worker was closed");
      return (await (opened ??= open())).call(request, transfer);
    },
    close: async () => {
      closed = true;
      const channel = await opened?.catch(() => undefined);
      await channel?.close();
    },
  };
}

/** The file of a worker beside the calling module: `.ts` when run from source, `.js` when built. */
export function workerUrl(name: string, callerUrl: string): URL {
  return new URL(`./${name}${callerUrl.endsWith(".ts") ? ".ts" : ".js"}`, callerUrl);
}
