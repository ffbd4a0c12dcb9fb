// The clients that are compared, each made as its documentation says, with its default batching, sending to the sink.
// Every subject runs in a process of its own: some patch the SDK for the whole process.
import { fakeFetch } from "./fake-openai.mjs";

const openAiOptions = { apiKey: "sk-bench-0123456789", fetch: fakeFetch, maxRetries: 0 };
const nothing = async () => {};

/** OpenTelemetry as an application sets it up: batches over OTLP. @param {string} sink @param {object} [processor] */
async function openTelemetry(sink, processor) {
  const { NodeTracerProvider, BatchSpanProcessor } = await import("@opentelemetry/sdk-trace-node");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const used = processor ?? new BatchSpanProcessor(new OTLPTraceExporter({ url: `${sink}/v1/traces` }));
  const provider = new NodeTracerProvider({ spanProcessors: [used] });
  provider.register();
  return { provider, flush: () => provider.forceFlush() };
}

/** Name, and what makes the client: `{ client, flush }`. */
export const subjects = {
  "openai (bare)": async () => {
    const { OpenAI } = await import("openai");
    return { client: new OpenAI(openAiOptions), flush: nothing };
  },
  "cmdrdata-openai": async (sink) => {
    const { TrackedOpenAI } = await import("../../packages/openai/dist/esm/index.js");
    const client = new TrackedOpenAI({
      ...openAiOptions,
      trackerKey: `tk-${"b".repeat(30)}`,
      trackerEndpoint: `${sink}/api/events`,
      customerId: "customer-123",
    });
    return { client, flush: () => client.tracker.flush(), metrics: () => client.tracker.metrics() };
  },
  "@langfuse/openai": async (sink) => {
    const { OpenAI } = await import("openai");
    const { observeOpenAI } = await import("@langfuse/openai");
    const { LangfuseSpanProcessor } = await import("@langfuse/otel");
    const keys = { publicKey: "pk-lf-bench", secretKey: "sk-lf-bench", baseUrl: sink };
    const { flush } = await openTelemetry(sink, new LangfuseSpanProcessor(keys));
    return { client: observeOpenAI(new OpenAI(openAiOptions)), flush };
  },
  "@posthog/ai": async (sink) => {
    const { OpenAI } = await import("@posthog/ai/openai");
    const { PostHog } = await import("posthog-node");
    const posthog = new PostHog("phc_bench", { host: sink });
    return { client: new OpenAI({ ...openAiOptions, posthog }), flush: () => posthog.flush() };
  },
  langsmith: async (sink) => {
    process.env.LANGSMITH_TRACING = "true";
    const { OpenAI } = await import("openai");
    const { wrapOpenAI } = await import("langsmith/wrappers");
    const { Client } = await import("langsmith");
    const langsmith = new Client({ apiUrl: sink, apiKey: "ls-bench" });
    const client = wrapOpenAI(new OpenAI(openAiOptions), { client: langsmith, tracingEnabled: true });
    return { client, flush: () => langsmith.awaitPendingTraceBatches() };
  },
  braintrust: async (sink) => {
    const { OpenAI } = await import("openai");
    const { initLogger, wrapOpenAI } = await import("braintrust");
    const logger = initLogger({ projectName: "bench", projectId: "p1", apiKey: "bt-bench", appUrl: sink });
    return { client: wrapOpenAI(new OpenAI(openAiOptions)), flush: () => logger.flush() };
  },
  "@arizeai/openinference-instrumentation-openai": async (sink) => {
    const { flush, provider } = await openTelemetry(sink);
    const { OpenAIInstrumentation } = await import("@arizeai/openinference-instrumentation-openai");
    const { OpenAI } = await import("openai");
    const instrumentation = new OpenAIInstrumentation({ tracerProvider: provider });
    instrumentation.manuallyInstrument(OpenAI);
    return { client: new OpenAI(openAiOptions), flush };
  },
  "@traceloop/instrumentation-openai": async (sink) => {
    const { flush, provider } = await openTelemetry(sink);
    const { OpenAIInstrumentation } = await import("@traceloop/instrumentation-openai");
    const { OpenAI } = await import("openai");
    const instrumentation = new OpenAIInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.manuallyInstrument(OpenAI);
    return { client: new OpenAI(openAiOptions), flush };
  },
  "opik-openai": async (sink) => {
    const { OpenAI } = await import("openai");
    const { trackOpenAI } = await import("opik-openai");
    const { Opik } = await import("opik");
    const opik = new Opik({ apiUrl: sink, apiKey: "opik-bench", projectName: "bench", workspaceName: "bench" });
    const client = trackOpenAI(new OpenAI(openAiOptions), { client: opik });
    return { client, flush: () => client.flush() };
  },
};
