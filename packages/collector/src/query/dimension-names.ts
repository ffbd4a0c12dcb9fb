/** The names of the dimensions, as parameters and in answers. */
import type { Dimension } from "@cmdrdata/storage";

export const dimensions: readonly Dimension[] = [
  "customer_id",
  "model",
  "operation",
  "provider",
  "service_tier",
  "error_type",
];
