/**
 * The OpenAPI 3.1 document of the collector, made from the schemas by which its routes are checked.
 *
 * Promise: a route that is added says what it takes and gives, or it is not in the document, which a test compares with the
 * committed docs/openapi.json.
 */
import swagger from "@fastify/swagger";
import type { FastifyInstance, FastifySchema } from "fastify";

/** Must come before the routes: those added earlier are not seen. */
export function addOpenApi(server: FastifyInstance): void {
  void server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "cmdrdata collector",
        description: "Usage events in, sums and costs out. docs/api.md tells how it is meant.",
        version: "1",
      },
      components: {
        securitySchemes: { key: { type: "http", scheme: "bearer", description: "A key: tk-…" } },
      },
    },
    transform: ({ schema, url }) => ({ schema: withBody(schema), url }),
  });
}

/** `GET /api/v1/openapi.json`, for everybody: it says nothing of what is stored. */
export function addOpenApiRoute(server: FastifyInstance): void {
  server.get("/api/v1/openapi.json", { schema: { hide: true } }, async () => server.swagger());
}

/** Bodies come as bytes and are read by the routes: their schema is not Fastify's to check. */
type SchemaWithJson = FastifySchema & { readonly json?: unknown };

function withBody(schema: SchemaWithJson | undefined): FastifySchema {
  if (schema === undefined) return { hide: true };
  const { json, ...rest } = schema;
  return json === undefined ? rest : { ...rest, body: json };
}
