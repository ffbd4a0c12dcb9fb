/** Joins a call with its trace, where the program uses OpenTelemetry. */
import type { Call, SdkRequest } from "./call.ts";
import type { Host } from "./hosts.ts";

/** Only of calls that are recorded in any case: the others may have nothing to do with a model. */
export function beginTrace(call: Call, { body }: SdkRequest, baseUrl: string, hostOf: (url: string) => Host): void {
  const { endpoint, trace, requestedModel: model, streaming } = call;
  if (endpoint?.always !== true || call.untracked) return;
  const { operation } = endpoint;
  trace?.begin(() => ({ operation, model, streaming, body, baseUrl, host: hostOf(baseUrl).kind }));
}
