/** A collector that runs sends its numbers by OTLP, where OpenTelemetry's variables say, and the last ones when it ends. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { expect, it } from "vitest";

import { startCollector } from "./collector-process.ts";

it("sends the numbers of the collector that `cmdrdata serve` runs", async () => {
  const taken: { path: string | undefined; body: string }[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    taken.push({ path: request.url, body: await text(request) });
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  };
  const receiver = createServer((request, response) => void take(request, response));
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-otlp-"));
  const { port } = receiver.address() as AddressInfo;
  const collector = await startCollector(folder, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` } });
  try {
    expect((await fetch(`${collector.url}/livez`)).status).toBe(200);
  } finally {
    await collector.stop("SIGTERM");
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
  expect(taken.map(({ path }) => path)).toEqual(["/v1/metrics"]);
  expect(taken[0]?.body).toContain('"cmdrdata_events_total"');
  expect(taken[0]?.body).toContain('{"key":"service.name","value":{"stringValue":"cmdrdata"}}');
});
