/**
 * Reads images: GPT image models report tokens, DALL·E reports nothing and bills by the image, by its size and quality.
 * Those only the request tells. A stream brings partial images, then `image_generation.completed` or
 * `image_edit.completed` with the usage.
 */
import { type AnswerReader, type Asked, type Format, objectOf, textOf } from "../answer.ts";
import { genericReader } from "./generic.ts";
import { fieldOf } from "./request-body.ts";

export const imagesReader: AnswerReader = {
  whole(data, answer) {
    genericReader.whole(data, answer);
    const images = data["data"];
    if (answer.usage === null && Array.isArray(images)) answer.quantities = { images: images.length };
  },

  item(event, answer) {
    answer.usage = objectOf(event["usage"]) ?? answer.usage;
    return imageEvent.test(textOf(event["type"]) ?? "");
  },
};

const imageEvent = /\.(partial_image|completed)$/;

/** What the API documents as the default where a request says nothing. `standard` is the only quality of DALL·E 2. */
const defaults: Readonly<Record<string, Format>> = {
  "dall-e-2": { size: "1024x1024" },
  "dall-e-3": { size: "1024x1024", quality: "standard" },
};

/** @param defaultModel - which OpenAI takes where the request names none, if it is a DALL·E */
export function askedImages(defaultModel: string | null): (body: unknown) => Asked {
  return (body) => {
    const model = textOf(fieldOf(body, "model")) ?? defaultModel ?? "";
    const byDefault = Object.hasOwn(defaults, model) ? (defaults[model] as Format) : {};
    const size = chosen(fieldOf(body, "size"), byDefault.size);
    const quality = chosen(fieldOf(body, "quality"), byDefault.quality);
    const format = { ...(size === null ? {} : { size }), ...(quality === null ? {} : { quality }) };
    return { quantities: {}, format, defaultModel };
  };
}

/** What `auto` came to, nobody tells. */
function chosen(asked: unknown, byDefault: string | undefined): string | null {
  const text = textOf(asked ?? byDefault);
  return text === "auto" ? null : text;
}
