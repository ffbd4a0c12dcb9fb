import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { afterEach, describe, expect, it } from "vitest";

import { startCollector } from "./running-collector.ts";

let running: Awaited<ReturnType<typeof startCollector>> | undefined;
afterEach(async () => running?.close());

const client = new URL("../../../apps/cmdrdata/src/client/api.generated.ts", import.meta.url);
const committed = fileURLToPath(new URL("../../../docs/openapi.json", import.meta.url));

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { operationId?: string; security?: object[]; requestBody?: object }>>;
}

describe("the OpenAPI document", () => {
  it("is served, names every route with its scope, and is the committed one (npm run api:client writes it)", async () => {
    running = await startCollector();
    const document = (await (await fetch(`${running.url}/api/v1/openapi.json`)).json()) as Document;
    expect(document.openapi).toBe("3.1.0");
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, security }]) => [
        `${method} ${path}`,
        operationId,
        JSON.stringify(security?.[0] ?? "open"),
      ]),
    );
    expect(routes.length).toBeGreaterThan(14);
    for (const [route, id, security] of routes) {
      expect(id, route).toMatch(/^[a-z][A-Za-z]+$/);
      expect(security, route).toMatch(/^(\{"key":\["(ingest|read|admin)"\]\}|"open")$/);
    }
    const text: unknown = JSON.parse(readFileSync(committed, "utf8"));
    expect(text).toEqual(document);
    const hash = createHash("sha256").update(JSON.stringify(text)).digest("hex");
    expect(readFileSync(client, "utf8").split("\n")[0]).toContain(hash);
  });
});
