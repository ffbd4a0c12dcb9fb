// Starts the sink and one process per subject, on a given Node, and asks them one at a time.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @param {string} node path of the binary @returns {Promise<{ url: string, close: () => void }>} */
export async function startSink(node) {
  const child = fork(file("sink.mjs"), { execPath: node });
  const [{ port }] = await once(child, "message");
  return { url: `http://127.0.0.1:${port}`, close: () => child.kill() };
}

/**
 * @param {string} name of the subject
 * @param {string} sink its URL
 * @param {string} node path of the binary
 */
export async function startSubject(name, sink, node) {
  // What a subject logs is not looked at, but for when it ends on its own.
  const child = fork(file("subject-process.mjs"), [name, sink], {
    execPath: node,
    execArgv: ["--expose-gc"],
    silent: true,
  });
  let log = "";
  child.stdout.on("data", (text) => (log = `${log}${text}`.slice(-2_000)));
  child.stderr.on("data", (text) => (log = `${log}${text}`.slice(-2_000)));
  const answer = async () => {
    const settled = new AbortController();
    const { signal } = settled;
    const [message] = await Promise.race([once(child, "message", { signal }), once(child, "exit", { signal })]);
    settled.abort();
    if (typeof message !== "object" || message === null) throw new Error(`${name} ended with ${message}: ${log}`);
    return message;
  };
  await answer();
  return {
    name,
    ask(request) {
      child.send(request);
      return answer();
    },
    close: () => child.kill(),
  };
}
