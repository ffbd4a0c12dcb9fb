// Compiles when the tracking fields are typed where docs/coverage.md says so, and results have the SDK's own types.
import OpenAI, { AzureOpenAI, track, tracking } from "cmdrdata-openai";
import BareOpenAI from "openai";

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
const same = <Left, Right>(proof: Same<Left, Right>): boolean => proof;

const client = new OpenAI({ customerId: "a", includeUsage: "never" });
const bare = new BareOpenAI();
const messages = [{ role: "user" as const, content: "…" }];
const fields = { customer_id: "a", custom_metadata: { feature: "x" }, track_usage: true };
const file = new File([], "a.mp3");

const reply = client.chat.completions.create({ model: "m", messages, ...fields });
const bareReply = bare.chat.completions.create({ model: "m", messages });
same<typeof reply, typeof bareReply>(true);
const chunks = client.chat.completions.create({ model: "m", messages, stream: true, ...fields });
const bareChunks = bare.chat.completions.create({ model: "m", messages, stream: true });
same<typeof chunks, typeof bareChunks>(true);
same<Awaited<typeof reply>, OpenAI.Chat.Completions.ChatCompletion>(true);
same<OpenAI.Responses.Response, BareOpenAI.Responses.Response>(true);

void client.responses.create({ model: "m", input: "…", ...fields });
void client.responses.stream({ model: "m", input: "…", ...fields });
void client.responses.parse({ model: "m", input: "…", ...fields });
void client.embeddings.create({ model: "m", input: "…", ...fields });
void client.completions.create({ model: "m", prompt: "…", ...fields });
void client.images.createVariation({ image: file, ...fields });
void client.audio.transcriptions.create({ model: "m", file, ...fields });
void client.audio.translations.create({ model: "m", file, ...fields });
void client.audio.speech.create({ model: "m", voice: "alloy", input: "…", ...fields });
void client.moderations.create({ input: "…", ...fields });
void client.fineTuning.jobs.create({ model: "m", training_file: "f", ...fields });
void client.models.list(tracking({ customerId: "a" }, { timeout: 1 }));
void track(bare, { customerId: "a" }).chat.completions.create({ model: "m", messages, ...fields });
void new AzureOpenAI({ apiVersion: "v", customerId: "a" }).embeddings.create({ model: "m", input: "…", ...fields });

// @ts-expect-error a customer is a text
void client.chat.completions.create({ model: "m", messages, customer_id: 5 });
// @ts-expect-error a field that nobody knows is refused as before
void client.embeddings.create({ model: "m", input: "…", customer: "a" });
// @ts-expect-error one of three words
void new OpenAI({ includeUsage: "sometimes" });
