// The events of the bench: of 1,000 customers, few of which make most calls, and ten models; ids are UUIDv7.
import { randomUUID } from "node:crypto";

const models = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "o3", "o4-mini", "gpt-5", "gpt-5-mini", "gpt-5-nano"]; // prettier-ignore

/** @param {number} atMs @returns {string} */
function uuidV7(atMs) {
  const random = randomUUID().replaceAll("-", "");
  const time = Math.floor(atMs).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(13, 16)}-${random.slice(16, 20)}-${random.slice(20)}`;
}

/** @param {() => number} random @param {number} atMs */
export function makeEvent(random, atMs) {
  const input = Math.floor(random() * 3_000) + 1;
  const output = Math.floor(random() * 800) + 1;
  return {
    id: uuidV7(atMs),
    customer_id: `customer-${Math.floor(random() ** 4 * 1_000)}`,
    provider: "openai",
    operation: "chat.completions",
    model: models[Math.floor(random() * models.length)],
    service_tier: "default",
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    usage: { source: "reported", input: { cached: 0 }, output: { reasoning: 0 } },
    timestamp: new Date(atMs).toISOString(),
    latency: { duration_ms: Math.floor(random() * 2_000) },
    request: { response_id: "chatcmpl-bench", streaming: false, finish_reason: "stop", retry_count: 0, success: true },
  };
}
