/** Calls that hear or speak. */
import { expect } from "vitest";

import { file, json, nothing, only, type Reply, type Sample, stream } from "./sample.ts";

const wav = (): File => file("speech.wav", "audio/wav");

const heardUsage = {
  type: "tokens",
  total_tokens: 101,
  input_tokens: 54,
  input_token_details: { text_tokens: 10, audio_tokens: 44 },
  output_tokens: 47,
};
const heardRead = {
  model: null,
  requested_model: "gpt-4o-transcribe",
  input_tokens: 54,
  output_tokens: 47,
  total_tokens: 101,
  usage: { source: "reported", input: { audio: 44 }, quantities: {}, raw: heardUsage },
};
const verbose = { language: "english", duration: 8.470000267028809, text: "The beach was …", segments: [] };
const textReply: Reply = { kind: "text", text: "The beach was …\n", headers: { "content-type": "text/plain" } };

export const audioSamples: readonly Sample[] = [
  {
    path: "/audio/transcriptions",
    name: "by tokens",
    call: (client, extra) => client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file: wav(), ...extra }),
    reply: json({ text: "The beach was …", usage: heardUsage }),
    expected: heardRead,
  },
  {
    path: "/audio/transcriptions",
    name: "by seconds",
    call: (client, extra) => client.audio.transcriptions.create({ model: "whisper-1", file: wav(), ...extra }),
    reply: json({ text: "The beach was …", usage: { type: "duration", seconds: 9 } }),
    expected: { usage: { source: "reported", quantities: { audio_seconds: 9 } }, input_tokens: null },
  },
  {
    path: "/audio/transcriptions",
    name: "verbose",
    call: (client, extra) =>
      client.audio.transcriptions.create({
        model: "whisper-1",
        file: wav(),
        response_format: "verbose_json",
        ...extra,
      }),
    reply: json(verbose),
    expected: { requested_model: "whisper-1", ...only({ audio_seconds: 8.470000267028809 }) },
  },
  {
    path: "/audio/transcriptions",
    name: "as text",
    call: (client, extra) =>
      client.audio.transcriptions.create({ model: "whisper-1", file: wav(), response_format: "srt", ...extra }),
    reply: textReply,
    expected: { requested_model: "whisper-1", ...nothing },
  },
  {
    path: "/audio/transcriptions",
    name: "streamed",
    call: (client, extra) =>
      client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file: wav(), stream: true, ...extra }),
    reply: stream([
      { type: "transcript.text.delta", delta: "The beach" },
      { type: "transcript.text.delta", delta: " was …" },
      { type: "transcript.text.done", text: "The beach was …", usage: heardUsage },
    ]),
    expected: { ...heardRead, latency: { time_to_first_token_ms: expect.any(Number) as number } },
  },
  {
    path: "/audio/translations",
    name: "verbose",
    call: (client, extra) =>
      client.audio.translations.create({ model: "whisper-1", file: wav(), response_format: "verbose_json", ...extra }),
    reply: json(verbose),
    expected: { requested_model: "whisper-1", ...only({ audio_seconds: 8.470000267028809 }) },
  },
  {
    path: "/audio/translations",
    name: "plain",
    call: (client, extra) => client.audio.translations.create({ model: "whisper-1", file: wav(), ...extra }),
    reply: json({ text: "The beach was …" }),
    expected: { requested_model: "whisper-1", ...nothing },
  },
  {
    path: "/audio/speech",
    name: "plain",
    call: (client, extra) => client.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hé 🐤!", ...extra }),
    reply: { kind: "text", text: "ID3 sound", headers: { "content-type": "audio/mpeg" } },
    expected: { requested_model: "tts-1", ...only({ characters: 5 }) },
  },
];
