/** Lists and their pages, what is uploaded, and what comes as bytes. */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Uploadable } from "openai";

import { collect } from "../../harness.ts";
import type { Program, Stage } from "../program.ts";

const transcript = { text: "Hello", usage: { type: "tokens", input_tokens: 3, output_tokens: 4, total_tokens: 7 } };
const made = { id: "file-1", object: "file", bytes: 2, filename: "a.jsonl", purpose: "batch" };

function queuePages({ server }: Pick<Stage, "server">): void {
  for (const [page, ids] of [["file-1", "file-2"], ["file-3"], ["file-4"]].entries()) {
    const data = ids.map((id) => ({ ...made, id }));
    server.next.push({ kind: "json", body: { object: "list", data, has_more: page < 2 } });
  }
}

export const lists: readonly Program[] = [
  { name: "models.list", events: [], run: ({ client }) => client.models.list() },
  {
    name: "a list that is paged by itself, not awaited before",
    events: [],
    run: (stage) => {
      queuePages(stage);
      return collect(stage.client.files.list({ limit: 2 }));
    },
  },
  {
    name: "a list page by page",
    events: [],
    run: async (stage) => {
      queuePages(stage);
      const page = await stage.client.files.list({ limit: 2 });
      stage.note([page, page.hasNextPage(), page.getPaginatedItems()]);
      const next = await page.getNextPage();
      stage.note(next.data.map(({ id }) => id));
      const pages: unknown[] = [];
      for await (const each of next.iterPages()) pages.push(each.data.length);
      return pages;
    },
  },
  {
    name: "a list: its promise, with its response, and refused",
    events: [],
    run: async (stage) => {
      queuePages(stage);
      const call = stage.client.files.list();
      stage.note([call, Object.keys(call)]);
      const { data, response, request_id } = await call.withResponse();
      stage.note([data.data.length, response.status, request_id]);
      stage.server.next.length = 0;
      stage.server.next.push({ kind: "json", status: 401, body: { error: { message: "no" } } });
      return stage.client.files.list();
    },
  },
];

/** What each way to give a file sends; all of it is what the SDK makes of it. */
function upload(name: string, file: (stage: Stage, folder: string) => Uploadable | Promise<Uploadable>): Program {
  return {
    name: `upload of ${name}: files and transcriptions`,
    events: ["reported"],
    run: async (stage) => {
      const folder = mkdtempSync(join(tmpdir(), "cmdrdata-upload-"));
      try {
        stage.server.next.push({ kind: "json", body: made }, { kind: "json", body: transcript });
        const file1 = await stage.client.files.create({ file: await file(stage, folder), purpose: "batch" });
        const heard = await stage.client.audio.transcriptions.create({
          file: await file(stage, folder),
          model: "gpt-4o-transcribe",
          language: "en",
          timestamp_granularities: ["word", "segment"],
        });
        return [file1, heard];
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

export const uploads: readonly Program[] = [
  upload("a File", () => new File([Uint8Array.of(0, 200, 255)], "a.mp3", { type: "audio/mpeg" })),
  upload("an fs.ReadStream", (_stage, folder) => {
    const path = join(folder, "a.mp3");
    writeFileSync(path, Uint8Array.of(1, 200, 255));
    return createReadStream(path);
  }),
  upload("toFile of bytes", ({ sdk }) => sdk.toFile(Uint8Array.of(2, 200, 255), "a.mp3", { type: "audio/mpeg" })),
  upload("toFile of an async iterable", ({ sdk }) =>
    sdk.toFile(
      (async function* () {
        yield new Uint8Array([3, 200]);
        yield new Uint8Array([255]);
      })(),
      "a.mp3",
    ),
  ),
  upload("a response of fetch", ({ server }) => {
    server.next.unshift({ kind: "text", text: Uint8Array.of(4, 200, 255), headers: { "content-type": "audio/mpeg" } });
    return fetch(`${server.baseURL}/audio.mp3`);
  }),
  {
    ...upload("a stream as it is read (toStreamingFile)", ({ sdk }) =>
      (sdk as unknown as { toStreamingFile(parts: unknown, name: string): Uploadable }).toStreamingFile(
        (async function* () {
          yield new Uint8Array([5, 200]);
          yield new Uint8Array([255]);
        })(),
        "a.mp3",
      ),
    ),
    since: { major: 6, needs: "toStreamingFile()" },
  },
  {
    name: "images: generated, edited from several files, varied",
    events: ["reported", "reported", "reported"],
    run: async ({ client, server }) => {
      const usage = { total_tokens: 3, input_tokens: 1, output_tokens: 2 };
      const body = { created: 1, data: [{ b64_json: "iVBORw0KGgo=" }], usage };
      server.next.push({ kind: "json", body }, { kind: "json", body }, { kind: "json", body });
      const png = (): File => new File(["png"], "otter.png", { type: "image/png" });
      return [
        await client.images.generate({ model: "gpt-image-1", prompt: "…" }),
        await client.images.edit({ model: "gpt-image-1", prompt: "…", image: [png(), png()], mask: png() }),
        await client.images.createVariation({ model: "dall-e-2", image: png() }),
      ];
    },
  },
  {
    name: "images: generated and streamed",
    since: { major: 5, needs: "streamed images" },
    events: ["reported"],
    run: async ({ client, server }) => {
      const image = { b64_json: "iVBORw0KGgo=", created_at: 1, size: "1024x1024", quality: "high" };
      const usage = { total_tokens: 3, input_tokens: 1, output_tokens: 2 };
      server.next.push({
        kind: "stream",
        steps: [
          { type: "image_generation.partial_image", partial_image_index: 0, ...image },
          { type: "image_generation.completed", ...image, usage },
        ],
      });
      const stream = await client.images.generate({ model: "gpt-image-1", prompt: "…", stream: true });
      return [stream.controller.signal.aborted, await collect(stream)];
    },
  },
  {
    name: "a transcription that streams",
    events: ["reported"],
    run: async ({ client, server }) => {
      const { text, usage } = transcript;
      server.next.push({
        kind: "stream",
        steps: [
          { type: "transcript.text.delta", delta: text },
          { type: "transcript.text.done", text, usage },
        ],
      });
      const file = new File(["…"], "a.mp3");
      return collect(await client.audio.transcriptions.create({ file, model: "gpt-4o-transcribe", stream: true }));
    },
  },
  {
    name: "an upload in parts",
    events: [],
    run: async ({ client, server }) => {
      server.next.push({ kind: "json", body: { id: "upload_1" } }, { kind: "json", body: { id: "part_1" } });
      const begun = await client.uploads.create({ bytes: 3, filename: "a", mime_type: "text/plain", purpose: "batch" });
      return [begun, await client.uploads.parts.create("upload_1", { data: new File(["abc"], "a") })];
    },
  },
];

const bytes = Uint8Array.of(0, 255, 200, 1);
const audio = { "content-type": "audio/mpeg" };

export const downloads: readonly Program[] = [
  {
    name: "speech: the response, and its bytes",
    events: ["reported"],
    run: async ({ client, server, note }) => {
      server.next.push({ kind: "text", text: bytes, headers: audio });
      const spoken = await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hi" });
      note([spoken.status, spoken.bodyUsed, spoken.headers.get("content-type")]);
      return [await spoken.arrayBuffer(), spoken.bodyUsed];
    },
  },
  {
    name: "speech, read as it comes",
    events: ["reported"],
    run: async ({ client, server }) => {
      server.next.push({ kind: "text", text: bytes, headers: audio });
      const spoken = await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hi" });
      const parts = await collect(spoken.body as unknown as AsyncIterable<Uint8Array>);
      return Buffer.concat(parts);
    },
  },
  {
    name: "files.content as text, bytes and a blob",
    events: [],
    run: async ({ client, server }) => {
      const reply = {
        kind: "text",
        text: '{"a":1}\n',
        headers: { "content-type": "application/octet-stream" },
      } as const;
      server.next.push(reply, reply, reply);
      const content = (): Promise<Response> => client.files.content("file-1");
      const blob = await (await content()).blob();
      return [await (await content()).text(), await (await content()).arrayBuffer(), [blob.size, await blob.text()]];
    },
  },
];
