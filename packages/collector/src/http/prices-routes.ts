/**
 * `/api/v1/prices`: what things cost, and what the next seed would change.
 *
 * The book is everybody's: only admins of the tenant `default` change it. A change holds for the next events; what had no
 * price is filled in at once, and nothing else of the past is touched.
 */
import { randomUUID } from "node:crypto";

import { type PriceBook, priceBook, type PriceChange } from "@cmdrdata/pricing";
import { CmdrdataError } from "@cmdrdata/protocol";
import type { KeyStore, PriceStore } from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyRequest } from "fastify";

import { Type } from "../json-schema.ts";
import { diffStoredBook, importPrices, upgradeStoredBook } from "../prices/keep-book.ts";
import { bookSchema, readBook } from "../prices/read-terms.ts";
import { approvedChanges, bookList, importedPrices, priceChanges, priceList } from "./admin-schemas.ts";
import { administer, defaultTenant, tenantAskedFor, tenantForm } from "./administer.ts";
import { describeRoute } from "./route-schema.ts";
import { addTermsRoutes, showTerm, type TermsRoutesDeps } from "./terms-routes.ts";

export interface PricesRoutesDeps extends TermsRoutesDeps {
  readonly keys: Pick<KeyStore, "findKey">;
  readonly prices: Pick<PriceStore, "currentBook" | "listBooks" | "addBook"> & TermsRoutesDeps["prices"];
}

const strict = { additionalProperties: false };
const approval = Type.Object(
  {
    changes: Type.Union([Type.Literal("all"), Type.Array(Type.String({ pattern: "^[0-9a-f]{12}$" }), { minItems: 1 })]),
  },
  strict,
);
const listing = Type.Object(
  { model: Type.Optional(Type.String()), tenant: Type.Optional(Type.String({ pattern: tenantForm })) },
  strict,
);

/** What the routes say of themselves. */
const described = {
  listPrices: describeRoute({
    id: "listPrices",
    summary: "Lists the prices in force.",
    scope: "admin",
    answer: priceList,
    querystring: listing,
  }),
  listPriceBooks: describeRoute({
    id: "listPriceBooks",
    summary: "Lists every book there was.",
    scope: "admin",
    answer: bookList,
  }),
  diffPrices: describeRoute({
    id: "diffPrices",
    summary: "Says what this version's list has otherwise.",
    scope: "admin",
    answer: priceChanges,
  }),
  approvePrices: describeRoute({
    id: "approvePrices",
    summary: "Takes over changes that wait.",
    scope: "admin",
    answer: approvedChanges,
    body: approval,
  }),
  importPrices: describeRoute({
    id: "importPrices",
    summary: "Puts prices of one's own into the book.",
    scope: "admin",
    answers: { 201: importedPrices },
    body: bookSchema,
  }),
};

export function addPricesRoutes(server: FastifyInstance, deps: PricesRoutesDeps): void {
  administer(server, deps.keys, (scope) => {
    addBookRoutes(scope, deps);
    addChangeRoutes(scope, deps);
    addImportRoute(scope, deps);
    addTermsRoutes(scope, deps);
  });
}

function addBookRoutes(server: FastifyInstance, { prices }: PricesRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.get(
    "/api/v1/prices",
    {
      schema: described.listPrices,
    },
    async (request) => {
      const owner = tenantAskedFor(request, request.query.tenant);
      const stored = await prices.currentBook();
      const book = stored === undefined ? priceBook : (JSON.parse(stored.book) as PriceBook);
      const wanted = request.query.model?.toLowerCase();
      const models = book.models.filter(({ id }) => wanted === undefined || id.toLowerCase().includes(wanted));
      return {
        version: book.version,
        seed_version: priceBook.version,
        sources: book.sources,
        prices: models.flatMap(showRows),
        terms: (await prices.listTerms(owner)).map(showTerm),
      };
    },
  );
  scope.get(
    "/api/v1/prices/books",
    {
      schema: described.listPriceBooks,
    },
    async () => ({
      books: (await prices.listBooks()).map(({ sequence, version, origin, createdAtMs }) => ({
        sequence,
        version,
        origin,
        created_at: new Date(createdAtMs).toISOString(),
      })),
    }),
  );
}

function addChangeRoutes(server: FastifyInstance, { prices, runner, clock }: PricesRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.get(
    "/api/v1/prices/diff",
    {
      schema: described.diffPrices,
    },
    async () => ({
      seed_version: priceBook.version,
      changes: (await diffStoredBook(prices, clock.now())).map(showChange),
    }),
  );
  scope.post(
    "/api/v1/prices/approve",
    {
      schema: described.approvePrices,
    },
    async (request) => {
      expectOperator(request);
      const nowMs = clock.now();
      const waiting = (await diffStoredBook(prices, nowMs)).filter(({ held }) => held).map(({ id }) => id);
      const chosen = request.body.changes === "all" ? waiting : request.body.changes;
      const unknown = chosen.find((id) => !waiting.includes(id));
      if (unknown !== undefined) {
        throw new CmdrdataError("CMDR_NOT_FOUND", `expected changes that wait for approval, got ${unknown}`);
      }
      const { version, held } = await upgradeStoredBook(prices, { nowMs, approved: new Set(chosen) });
      await runner.fillIn(randomUUID);
      return { version, approved: chosen, waiting: held.map(showChange) };
    },
  );
}

function addImportRoute(server: FastifyInstance, { prices, runner, clock }: PricesRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.post(
    "/api/v1/prices/import",
    {
      schema: described.importPrices,
    },
    async (request, reply) => {
      expectOperator(request);
      const nowMs = clock.now();
      const day = new Date(nowMs).toISOString();
      const given = readBook(request.body, `import ${day}`, day.slice(0, 10));
      const { version } = await importPrices(prices, given, nowMs);
      await runner.fillIn(randomUUID);
      return reply.code(201).send({ version, prices: given.models.flatMap(showRows) });
    },
  );
}

function showRows({ provider, id, rows }: PriceBook["models"][number]): readonly object[] {
  return rows.map((row) => ({
    provider,
    model: id,
    unit: row.unit,
    service_tier: row.serviceTier,
    above_input_tokens: row.aboveInputTokens,
    at_most_input_tokens: row.atMostInputTokens,
    effective_from: row.effectiveFrom,
    effective_to: row.effectiveTo,
    pico_usd: String(row.picoUsdPerUnit),
    source: row.source,
  }));
}

function showChange(change: PriceChange): object {
  return {
    id: change.id,
    model: change.model,
    unit: change.unit,
    service_tier: change.serviceTier,
    above_input_tokens: change.aboveInputTokens,
    before_pico_usd: change.before === null ? null : String(change.before),
    after_pico_usd: change.after === null ? null : String(change.after),
    from: change.from,
    waits: change.held,
  };
}

function expectOperator(request: FastifyRequest): void {
  tenantAskedFor(request, defaultTenant);
}
