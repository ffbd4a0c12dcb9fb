/** Listens and never accepts: its backlog is full, its loop is blocked, and a further connection stays pending. */
import { writeSync } from "node:fs";
import { connect, createServer } from "node:net";

const server = createServer();
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  const { port } = server.address();
  for (let count = 0; count < 8; count += 1) connect(port, "127.0.0.1").on("error", () => {});
  // The connections go out in this turn of the loop, and are accepted in none.
  setImmediate(() => {
    writeSync(1, String(port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
});
