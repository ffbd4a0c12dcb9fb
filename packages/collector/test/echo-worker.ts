/** A worker for the tests of the channel: echoes, answers an error, or dies. */
import { parentPort } from "node:worker_threads";

import { CmdrdataError } from "@cmdrdata/protocol";

import { type Call, failureOf } from "../src/worker-channel.ts";

parentPort?.on("message", (call: Call<string> | undefined) => {
  if (call === undefined) parentPort?.close();
  else if (call.request === "die") process.exit(3);
  else if (call.request === "throw") throw new Error("worker bug");
  else if (call.request === "fail") parentPort?.postMessage({ number: call.number, ...failureOf("no") });
  else if (call.request === "coded") {
    const error = new CmdrdataError("CMDR_QUERY_TOO_LONG", "too long");
    parentPort?.postMessage({ number: call.number, ...failureOf(error) });
  } else parentPort?.postMessage({ number: call.number, response: call.request });
});
parentPort?.postMessage("ready");
