import { describe, expect, it } from "vitest";

import { askedImages } from "./images.ts";

const formOf = (fields: Readonly<Record<string, string>>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
};

describe("askedImages", () => {
  const asked = askedImages("dall-e-2");

  it.each([
    ["of the model that OpenAI takes by default", {}, { size: "1024x1024" }],
    ["of DALL·E 2", { model: "dall-e-2", size: "256x256" }, { size: "256x256" }],
    ["of DALL·E 3", { model: "dall-e-3" }, { size: "1024x1024", quality: "standard" }],
    ["of DALL·E 3 in HD", { model: "dall-e-3", quality: "hd" }, { size: "1024x1024", quality: "hd" }],
    ["with fields that are null", { model: "dall-e-3", size: null, quality: null }, { size: "1024x1024", quality: "standard" }], // prettier-ignore
    ["that nobody tells", { model: "dall-e-3", size: "auto", quality: "auto" }, {}],
    ["that are no texts", { model: "dall-e-3", size: 1_024, quality: "" }, {}],
    ["of a model whose defaults are not known", { model: "my-deployment", quality: "hd" }, { quality: "hd" }],
    ["of a model with a name of Object", { model: "constructor" }, {}],
  ])("reads the size and the quality %s", (_what, body, format) => {
    expect(asked(body).format).toEqual(format);
  });

  it("reads them in a form too", () => {
    expect(asked(formOf({ model: "dall-e-2", size: "512x512" })).format).toEqual({ size: "512x512" });
  });

  it("takes no defaults where the request may mean another model", () => {
    expect(askedImages(null)({ prompt: "p" })).toEqual({ quantities: {}, format: {}, defaultModel: null });
    expect(asked({}).defaultModel).toBe("dall-e-2");
  });
});
