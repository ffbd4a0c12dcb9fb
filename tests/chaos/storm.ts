/** A storm of connections: opened and dropped, with half a request, with what is no HTTP at all, or with nothing. */
import { connect, type Socket } from "node:net";
import { once } from "node:events";

const head = "POST /api/events HTTP/1.1\r\nHost: collector\r\nContent-Type: application/json\r\n";

const beginnings: readonly string[] = [
  "",
  "GET /api/v1/usage HT",
  head,
  `${head}Content-Length: 500\r\n\r\n[{"id":"half`,
  `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n[{"id`,
  "\u0016\u0003\u0001\u0002 no HTTP\r\n\r\n",
];

/** So many are opened before the next turn. */
const atOnce = 50;

/**
 * Opens connections, and drops each half at once.
 *
 * @returns how many were opened, and what drops the others
 */
export async function startStorm(
  url: string,
  { connections, random }: { readonly connections: number; readonly random: () => number },
): Promise<{ readonly opened: number; readonly end: () => void }> {
  const { hostname, port } = new URL(url);
  const open: Socket[] = [];
  let opened = 0;
  for (let left = connections; left > 0; left -= atOnce) {
    const sockets = Array.from({ length: Math.min(left, atOnce) }, () => connect(Number(port), hostname));
    await Promise.all(
      sockets.map(async (socket) => {
        // The collector's end of it is its affair.
        socket.on("error", () => undefined);
        if (!(await connected(socket))) return;
        opened += 1;
        socket.write(beginnings[Math.floor(random() * beginnings.length)] as string);
        if (random() < 0.5) socket.destroy();
        else open.push(socket);
      }),
    );
  }
  return { opened, end: () => open.forEach((socket) => socket.destroy()) };
}

async function connected(socket: Socket): Promise<boolean> {
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  }
}
