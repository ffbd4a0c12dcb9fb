/** What a route says of itself: the source of its validation, of its types and of the OpenAPI document. */
import type { Scope } from "@cmdrdata/storage";
import type { TSchema } from "typebox";

import { errorAnswer } from "./answer-schemas.ts";
import { Type } from "../json-schema.ts";

/** A route with what it takes and gives; `id` is the name of the operation in the document and in clients. */
export interface RouteDescription {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** The scope its key needs; none for a route that is open. */
  readonly scope?: Scope;
  /** What it answers with 200; `answers` where it is another status, or several. */
  readonly answer?: TSchema;
  readonly answers?: Readonly<Record<number, TSchema>>;
  /** The JSON body it takes; it is read by the route itself, as bodies come as bytes. */
  readonly json?: TSchema;
}

/** The parts that Fastify reads the types of parameters and body from. */
interface RouteInput {
  readonly body?: TSchema;
  readonly querystring?: TSchema;
  readonly params?: TSchema;
}

export function describeRoute<Input extends RouteInput>({
  id,
  summary,
  description,
  scope,
  answer,
  answers = answer === undefined ? {} : { 200: answer },
  json,
  ...input
}: RouteDescription & Input): Omit<Input, keyof RouteDescription> & object {
  return {
    ...input,
    operationId: id,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(scope === undefined ? {} : { security: [{ key: [scope] }] }),
    ...(json === undefined ? {} : { json }),
    response: { ...answers, default: errorAnswer },
  };
}

/** A list with its next page. */
export function pageSchema(name: string, item: TSchema): TSchema {
  return Type.Object({
    [name]: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], {
      description: "Give it as `after` for the next page; null at the end.",
    }),
  });
}
