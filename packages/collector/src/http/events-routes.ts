/** `GET /api/v1/events` in pages, and one event's whole story. */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { LedgerReader, UsageStore } from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import { reportEvent, reportStory } from "../query/event-report.ts";
import { receivedAs } from "../query/received-as.ts";
import { eventCursor, readEventQuery } from "../query/page-query.ts";
import { eventStory, eventSummary } from "./answer-schemas.ts";
import { authenticateTo } from "./authenticate.ts";
import { filterParameters, pageParameters, parameter, stretchParameters } from "./query-schemas.ts";
import { describeRoute, pageSchema } from "./route-schema.ts";
import { Type } from "../json-schema.ts";

export interface EventsRoutesDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly ledger: Pick<LedgerReader, "events" | "eventStories" | "body">;
  readonly clock: Pick<Clock, "now">;
}

const querystring = Type.Object(
  {
    ...stretchParameters,
    ...filterParameters,
    ...pageParameters,
    flag: parameter("Only events with this flag, such as CMDR_EVENT_LATE."),
  },
  { additionalProperties: false },
);

const params = Type.Object({ id: Type.String({ description: "The event's id." }) });

export function addEventsRoutes(server: FastifyInstance, deps: EventsRoutesDeps): void {
  addList(server, deps);
  addStory(server, deps);
}

function addList(server: FastifyInstance, deps: EventsRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/events",
    schema: describeRoute({
      id: "listEvents",
      summary: "Events, the newest first",
      scope: "read",
      querystring,
      answer: pageSchema("events", eventSummary),
    }),
    onRequest: authenticateTo(deps.keys, "read"),
    handler: async (request) => {
      const query = readEventQuery(request.query, deps.clock.now());
      const { items, next } = await deps.ledger.events({ tenant: request.tenant, ...query });
      return { events: items.map(reportEvent), next: next === undefined ? null : eventCursor(next) };
    },
  });
}

function addStory(server: FastifyInstance, deps: EventsRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/events/:id",
    schema: describeRoute({
      id: "showEvent",
      summary: "Everything about one event",
      description:
        "What was decided about it, its price lines, the row of the roll-up it is in, and its other versions. An id that is no UUIDv7 may have come on several days, each an event of its own.",
      scope: "read",
      params,
      answer: Type.Object({ events: Type.Array(eventStory) }),
    }),
    onRequest: authenticateTo(deps.keys, "read"),
    handler: async (request) => {
      const { id } = request.params;
      const stories = await deps.ledger.eventStories({ tenant: request.tenant, id });
      if (stories.length === 0)
        throw new CmdrdataError("CMDR_NOT_FOUND", "expected the id of an event this collector has");
      const events = stories.map(async (story) => ({
        ...reportStory(id, story),
        received: await receivedAs(deps.ledger, request.tenant, story.counted?.body ?? story.quarantined?.body ?? null),
      }));
      return { events: await Promise.all(events) };
    },
  });
}
