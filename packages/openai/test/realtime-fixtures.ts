/** Events of the server, of the shape that openai 6.49.0 declares for them (resources/realtime/realtime.d.ts, read 2026-11-25). */
import type { RealtimeResponse, RealtimeServerEvent } from "openai/resources/realtime/realtime";

type EventOf<Type extends RealtimeServerEvent["type"]> = Extract<RealtimeServerEvent, { type: Type }>;

/** Of what is said in all fixtures: must be in no event of ours (C7). */
export const saidAloud = "a canary in a coal mine";

export function sessionCreated(model: string, transcription: string | null): EventOf<"session.created"> {
  const input = transcription === null ? {} : { transcription: { model: transcription } };
  return {
    type: "session.created",
    event_id: "event_session",
    session: {
      type: "realtime",
      model,
      instructions: saidAloud,
      output_modalities: ["audio"],
      audio: { input, output: { voice: "marin" } },
    },
  };
}

export function responseCreated(id: string): EventOf<"response.created"> {
  const response: RealtimeResponse = { object: "realtime.response", id, status: "in_progress", output: [] };
  return { type: "response.created", event_id: `event_created_${id}`, response };
}

export function transcriptDelta(id: string): EventOf<"response.output_audio_transcript.delta"> {
  const place = { response_id: id, item_id: `item_${id}`, output_index: 0, content_index: 0 };
  return { type: "response.output_audio_transcript.delta", event_id: `event_delta_${id}`, ...place, delta: saidAloud };
}

/** As the API documents it for a turn with text and audio, part of it cached. */
export const responseUsage = {
  total_tokens: 253,
  input_tokens: 132,
  output_tokens: 121,
  input_token_details: {
    text_tokens: 119,
    audio_tokens: 13,
    image_tokens: 0,
    cached_tokens: 64,
    cached_tokens_details: { text_tokens: 60, audio_tokens: 4, image_tokens: 0 },
  },
  output_token_details: { text_tokens: 30, audio_tokens: 91 },
} as const;

export function responseDone(id: string, given: RealtimeResponse = {}): EventOf<"response.done"> {
  const response: RealtimeResponse = {
    object: "realtime.response",
    id,
    status: "completed",
    output: [
      {
        id: `item_${id}`,
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_audio", transcript: saidAloud }],
      },
    ],
    metadata: { customer_id: "not-ours" },
    usage: responseUsage,
    ...given,
  };
  return { type: "response.done", event_id: `event_done_${id}`, response };
}

export const turn = (id: string): readonly RealtimeServerEvent[] => [
  responseCreated(id),
  transcriptDelta(id),
  responseDone(id),
];

export function committed(item: string): EventOf<"input_audio_buffer.committed"> {
  return { type: "input_audio_buffer.committed", event_id: `event_committed_${item}`, item_id: item };
}

type Transcribed = "conversation.item.input_audio_transcription.completed";

export function transcribed(item: string, usage: EventOf<Transcribed>["usage"]): EventOf<Transcribed> {
  return {
    type: "conversation.item.input_audio_transcription.completed",
    event_id: `event_transcribed_${item}`,
    item_id: item,
    content_index: 0,
    transcript: saidAloud,
    usage,
  };
}

export function transcribing(item: string): EventOf<"conversation.item.input_audio_transcription.delta"> {
  return {
    type: "conversation.item.input_audio_transcription.delta",
    event_id: `event_transcribing_${item}`,
    item_id: item,
    content_index: 0,
    delta: saidAloud,
  };
}

export function notTranscribed(item: string): EventOf<"conversation.item.input_audio_transcription.failed"> {
  return {
    type: "conversation.item.input_audio_transcription.failed",
    event_id: `event_not_transcribed_${item}`,
    item_id: item,
    content_index: 0,
    error: { type: "transcription_error", code: "audio_unintelligible", message: saidAloud },
  };
}

export const refusedEvent: EventOf<"error"> = {
  type: "error",
  event_id: "event_error",
  error: { type: "invalid_request_error", code: "invalid_value", message: "Invalid value: 'x'.", param: "session" },
};
