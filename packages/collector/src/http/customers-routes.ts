/** `GET /api/v1/customers`: whom there is usage for, with sums and when they were seen. */
import type { CustomerSummary, LedgerReader, UsageStore } from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import { customerCursor, readCustomerQuery } from "../query/page-query.ts";
import { raiseToBucket } from "../time-ranges.ts";
import { readStretch } from "../query/usage-query.ts";
import { reportSums } from "../query/usage-report.ts";
import { customer } from "./answer-schemas.ts";
import { authenticateTo } from "./authenticate.ts";
import { pageParameters, stretchParameters } from "./query-schemas.ts";
import { describeRoute, pageSchema } from "./route-schema.ts";
import { Type } from "../json-schema.ts";

export interface CustomersRoutesDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly ledger: Pick<LedgerReader, "customers">;
  readonly clock: Pick<Clock, "now">;
}

const querystring = Type.Object({ ...stretchParameters, ...pageParameters }, { additionalProperties: false });

/** The year 2100: no event is later. */
const endOfTimeMs = raiseToBucket(4_102_444_800_000);

export function addCustomersRoutes(server: FastifyInstance, deps: CustomersRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/customers",
    schema: describeRoute({
      id: "listCustomers",
      summary: "Customers with what they used and when they were seen",
      description: "Over all time unless `from` or `to` is given; times seen are those of whole 15 minutes.",
      scope: "read",
      querystring,
      answer: pageSchema("customers", customer),
    }),
    onRequest: authenticateTo(deps.keys, "read"),
    handler: async (request) => {
      const { from, to } = request.query;
      const always = { startMs: 0, endMs: endOfTimeMs };
      const query = readCustomerQuery(request.query, (problems) =>
        from === undefined && to === undefined ? always : readStretch({ from, to }, deps.clock.now(), problems),
      );
      const { startMs, endMs, limit, after } = query;
      const all = await deps.ledger.customers({ tenant: request.tenant, startMs, endMs });
      const rest = all.filter(({ customerId }) => isAfter(customerId, after));
      const last = rest[limit - 1];
      return {
        customers: rest.slice(0, limit).map(reportCustomer),
        next: last === undefined || rest.length === limit ? null : customerCursor(last.customerId),
      };
    },
  });
}

/** In the order of ids, with nobody first. */
function isAfter(customerId: string | null, after: string | null | undefined): boolean {
  return after === undefined || (customerId !== null && customerId > (after ?? ""));
}

function reportCustomer({ customerId, firstSeenMs, lastSeenMs, sums }: CustomerSummary): object {
  return {
    customer_id: customerId,
    erased: customerId?.startsWith("erased:") ?? false,
    first_seen: new Date(firstSeenMs).toISOString(),
    last_seen: new Date(lastSeenMs).toISOString(),
    ...reportSums(sums),
  };
}
