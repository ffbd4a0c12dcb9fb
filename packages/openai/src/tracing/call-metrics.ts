/** The GenAI client metrics of OpenTelemetry's semantic conventions, with the bucket boundaries they advise. */
import type { UsageEvent } from "@cmdrdata/protocol";

import { version } from "../version.ts";
import { errorTypeOf } from "./call-attributes.ts";
import type { Attributes, Histogram, MeterProvider, OtelContext } from "./open-telemetry.ts";

interface Instruments {
  readonly tokens: Histogram;
  readonly duration: Histogram;
  readonly firstChunk: Histogram;
}

const tokenBoundaries = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];
const secondBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

const instruments = new WeakMap<MeterProvider, Instruments>();

export interface MeasuredCall {
  readonly event: UsageEvent;
  readonly common: Attributes;
  /** `null` for calls that are not streamed, and streams that brought nothing. */
  readonly firstChunkMs: number | null;
  readonly context: OtelContext | undefined;
}

/** Estimated tokens are not recorded: the conventions ask for what is billed. */
export function recordMetrics(provider: MeterProvider, { event, common, firstChunkMs, context }: MeasuredCall): void {
  const { tokens, duration, firstChunk } = instrumentsOf(provider);
  const attributes: Attributes = { ...common };
  if (event.model !== null) attributes["gen_ai.response.model"] = event.model;
  const counts = [
    ["input", event.input_tokens],
    ["output", event.output_tokens],
  ] as const;
  for (const [type, count] of counts) {
    if (count !== null) tokens.record(count, { ...attributes, "gen_ai.token.type": type }, context);
  }
  if (firstChunkMs !== null) firstChunk.record(firstChunkMs / 1_000, attributes, context);
  const errorType = errorTypeOf(event);
  const ended = errorType === null ? attributes : { ...attributes, "error.type": errorType };
  duration.record((event.latency.duration_ms ?? 0) / 1_000, ended, context);
}

function instrumentsOf(provider: MeterProvider): Instruments {
  const present = instruments.get(provider);
  if (present !== undefined) return present;
  const meter = provider.getMeter("cmdrdata-openai", version);
  const inSeconds = (name: string, description: string): Histogram =>
    meter.createHistogram(name, {
      unit: "s",
      description,
      advice: { explicitBucketBoundaries: [...secondBoundaries] },
    });
  const made = {
    tokens: meter.createHistogram("gen_ai.client.token.usage", {
      unit: "{token}",
      description: "Number of input and output tokens used.",
      advice: { explicitBucketBoundaries: [...tokenBoundaries] },
    }),
    duration: inSeconds("gen_ai.client.operation.duration", "GenAI operation duration."),
    firstChunk: inSeconds("gen_ai.client.operation.time_to_first_chunk", "Time to receive the first chunk."),
  };
  instruments.set(provider, made);
  return made;
}
