/** The certificate of a collector that runs: renewed by SIGHUP, as the tools do that renew certificates. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";

import { type SelfSigned, selfSigned } from "@cmdrdata/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";

import { type CollectorProcess, startCollector } from "./collector-process.ts";

let folder: string;
let collector: CollectorProcess;
const open: TLSSocket[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cmdrdata-certificate-"));
  write(selfSigned());
  collector = await startCollector(folder, {
    env: { CMDRDATA_TLS_CERT: join(folder, "cert.pem"), CMDRDATA_TLS_KEY: join(folder, "key.pem") },
  });
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await collector.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function write({ cert, key }: Pick<SelfSigned, "cert" | "key">): void {
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "key.pem"), key);
}

async function dial(): Promise<TLSSocket> {
  const { hostname, port } = new URL(collector.url);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  open.push(socket);
  await once(socket, "secureConnect");
  return socket;
}

async function shownCertificate(): Promise<string> {
  return (await dial()).getPeerCertificate().fingerprint256;
}

async function statusOn(socket: TLSSocket): Promise<string> {
  socket.write("GET /livez HTTP/1.1\r\nHost: collector\r\n\r\n");
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString("utf8").split("\r\n")[0] ?? "";
}

it("shows new connections the new certificate after SIGHUP, and keeps the open ones; a bad one changes nothing", async () => {
  expect(collector.url).toMatch(/^https:/);
  const before = await shownCertificate();
  const kept = await dial();
  write(selfSigned());
  process.kill(collector.pid as number, "SIGHUP");
  await expect.poll(shownCertificate).not.toBe(before);
  const renewed = await shownCertificate();
  expect(await statusOn(kept)).toBe("HTTP/1.1 200 OK");
  writeFileSync(join(folder, "key.pem"), "none");
  process.kill(collector.pid as number, "SIGHUP");
  write(selfSigned());
  process.kill(collector.pid as number, "SIGHUP");
  await expect.poll(shownCertificate).not.toBe(renewed);
  expect(await statusOn(await dial())).toBe("HTTP/1.1 200 OK");
  for (const socket of open.splice(0)) socket.destroy();
  expect(await collector.stop("SIGTERM")).toBe(0);
});
