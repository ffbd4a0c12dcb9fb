// What is typed with openai 5 and later: there the request of images has an interface of its own, and clients have withOptions.
import OpenAI from "cmdrdata-openai";

const client = new OpenAI();
const file = new File([], "a.png");
void client.images.generate({ prompt: "…", customer_id: "a" });
void client.images.edit({ image: file, prompt: "…", customer_id: "a" });
void client.chat.completions.stream({ model: "m", messages: [], customer_id: "a" });
void client.chat.completions.parse({ model: "m", messages: [], customer_id: "a" });
void client.chat.completions.runTools({ model: "m", messages: [], tools: [], customer_id: "a" });
const other: OpenAI = client.withOptions({ customerId: "a" });
// @ts-expect-error a customer is a text
void other.images.generate({ prompt: "…", customer_id: 5 });
