/**
 * Reads images: GPT image models report tokens, DALL·E reports nothing and bills by the image. A stream brings partial
 * images, then `image_generation.completed` or `image_edit.completed` with the usage.
 */
import { type AnswerReader, objectOf, textOf } from "../answer.ts";
import { genericReader } from "./generic.ts";

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
