/** Schemas of query parameters that several routes share. Names and types only: what a value means is read elsewhere. */
import type { Dimension } from "@cmdrdata/storage";
import type { TArray, TOptional, TString, TUnion } from "typebox";

import { Type } from "../json-schema.ts";

type Parameter = TOptional<TString>;
type Repeatable = TOptional<TUnion<[TString, TArray<TString>]>>;

export const parameter = (description: string): Parameter => Type.Optional(Type.String({ description }));

const repeatable = (description: string): Repeatable =>
  Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description }));

const filter = (what: string): Repeatable =>
  repeatable(`Only calls with this ${what}; given more than once, with any of them; empty, calls without one.`);

/** One filter per dimension. */
export const filterParameters: Readonly<Record<Dimension, Repeatable>> = {
  customer_id: filter("customer"),
  model: filter("model"),
  operation: filter("operation"),
  provider: filter("provider"),
  service_tier: filter("service tier"),
  error_type: filter("type of error"),
};

/** The stretch of time of a question. */
export const stretchParameters: Readonly<Record<"from" | "to", Parameter>> = {
  from: parameter("Start, ISO 8601 with a zone or a date (UTC). By default 30 days before `to`."),
  to: parameter("End, not included. By default the end of the current 15 minutes."),
};

/** For `metadata.KEY=value`. */
export const metadataPattern: Readonly<Record<string, Repeatable>> = {
  "^metadata\\..": repeatable("Only calls with this value of a declared metadata key."),
};

/** A page of a list. */
export const pageParameters: Readonly<Record<"limit" | "after", Parameter>> = {
  limit: parameter("Items of a page, 1 to 1000; 50 by default."),
  after: parameter("The `next` of the page before."),
};
