// What a program does on any runtime: a call, and a stream, for a customer each.
import { customerContext, TrackedOpenAI } from "cmdrdata-openai";

const messages = [{ role: "user", content: "hello" }];

/** @param {string} url @param {object} [options] of the client, beside where everything is */
export function makeClient(url, options) {
  return new TrackedOpenAI({
    apiKey: "sk-test",
    baseURL: `${url}/v1`,
    includeUsage: "always",
    trackerKey: `tk-${"a".repeat(30)}`,
    trackerEndpoint: `${url}/api/events`,
    ...options,
  });
}

/**
 * Three calls: with a customer, in a context, and in a context after a pause.
 * @param {TrackedOpenAI} client @param {string} customer @returns {Promise<string>} the texts
 */
export async function talk(client, customer) {
  const reply = await client.chat.completions.create({ model: "gpt-4o", messages, customer_id: customer });
  const stream = await customerContext(`${customer} streamed`, () =>
    client.chat.completions.create({ model: "gpt-4o", messages, stream: true }),
  );
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
  const late = await customerContext(`${customer} later`, async () => {
    await Promise.resolve();
    return client.chat.completions.create({ model: "gpt-4o", messages });
  });
  return [reply.choices[0].message.content, text, late.choices[0].message.content].join(" ");
}
