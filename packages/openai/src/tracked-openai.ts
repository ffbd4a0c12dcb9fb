/** The drop-in client: the official one, that also reports each call's usage per customer. */
import type { Tracker } from "@cmdrdata/tracker";
import { OpenAI } from "openai";

import type { TrackedClientOptions } from "./options/client-options.ts";
import { takeLooksOf, withTracking } from "./with-tracking.ts";

const Base: typeof OpenAI = withTracking(OpenAI);

/**
 * The official OpenAI client with `customer_id` on every call.
 *
 * Same calls, types, errors and requests on the wire; see {@link TrackedClientOptions} for what it takes beside the
 * SDK's own options. Usage events go to the tracker, which no call waits for.
 */
export class TrackedOpenAI extends Base {
  /** Delivers the usage events: `await client.tracker.flush()` before a process ends on its own. */
  declare readonly tracker: Tracker;

  static override readonly OpenAI: typeof TrackedOpenAI = this;

  static {
    takeLooksOf(OpenAI, this);
  }

  /** @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every tracking option that is wrong */
  // oxlint-disable-next-line no-useless-constructor -- it takes more options than the base's
  constructor(options?: TrackedClientOptions) {
    super(options);
  }

  override withOptions(options: Partial<TrackedClientOptions>): this {
    return super.withOptions(options);
  }
}

/** The SDK's types under the names they have there: `OpenAI.Chat.ChatCompletion`, `OpenAI.Responses.Response`, … */
export declare namespace TrackedOpenAI {
  // begin: written by scripts/openai-namespace.mjs
  /** @ts-ignore not in every openai */
  export import Admin = OpenAI.Admin;
  export type AllModels = OpenAI.AllModels;
  export import Audio = OpenAI.Audio;
  export type AudioModel = OpenAI.AudioModel;
  export type AudioResponseFormat = OpenAI.AudioResponseFormat;
  export type AutoFileChunkingStrategyParam = OpenAI.AutoFileChunkingStrategyParam;
  export type Batch = OpenAI.Batch;
  export type BatchCreateParams = OpenAI.BatchCreateParams;
  export type BatchError = OpenAI.BatchError;
  export type BatchListParams = OpenAI.BatchListParams;
  export type BatchRequestCounts = OpenAI.BatchRequestCounts;
  /** @ts-ignore not in every openai */
  export type BatchUsage = OpenAI.BatchUsage;
  export import Batches = OpenAI.Batches;
  export type BatchesPage = OpenAI.BatchesPage;
  export import Beta = OpenAI.Beta;
  export import Chat = OpenAI.Chat;
  export type ChatCompletion = OpenAI.ChatCompletion;
  /** @ts-ignore not in every openai */
  export type ChatCompletionAllowedToolChoice = OpenAI.ChatCompletionAllowedToolChoice;
  /** @ts-ignore not in every openai */
  export type ChatCompletionAllowedTools = OpenAI.ChatCompletionAllowedTools;
  export type ChatCompletionAssistantMessageParam = OpenAI.ChatCompletionAssistantMessageParam;
  export type ChatCompletionAudio = OpenAI.ChatCompletionAudio;
  export type ChatCompletionAudioParam = OpenAI.ChatCompletionAudioParam;
  export type ChatCompletionChunk = OpenAI.ChatCompletionChunk;
  export type ChatCompletionContentPart = OpenAI.ChatCompletionContentPart;
  export type ChatCompletionContentPartImage = OpenAI.ChatCompletionContentPartImage;
  export type ChatCompletionContentPartInputAudio = OpenAI.ChatCompletionContentPartInputAudio;
  export type ChatCompletionContentPartRefusal = OpenAI.ChatCompletionContentPartRefusal;
  export type ChatCompletionContentPartText = OpenAI.ChatCompletionContentPartText;
  export type ChatCompletionCreateParams = OpenAI.ChatCompletionCreateParams;
  export type ChatCompletionCreateParamsNonStreaming = OpenAI.ChatCompletionCreateParamsNonStreaming;
  export type ChatCompletionCreateParamsStreaming = OpenAI.ChatCompletionCreateParamsStreaming;
  /** @ts-ignore not in every openai */
  export type ChatCompletionCustomTool = OpenAI.ChatCompletionCustomTool;
  export type ChatCompletionDeleted = OpenAI.ChatCompletionDeleted;
  export type ChatCompletionDeveloperMessageParam = OpenAI.ChatCompletionDeveloperMessageParam;
  export type ChatCompletionFunctionCallOption = OpenAI.ChatCompletionFunctionCallOption;
  export type ChatCompletionFunctionMessageParam = OpenAI.ChatCompletionFunctionMessageParam;
  /** @ts-ignore not in every openai */
  export type ChatCompletionFunctionTool = OpenAI.ChatCompletionFunctionTool;
  export type ChatCompletionListParams = OpenAI.ChatCompletionListParams;
  export type ChatCompletionMessage = OpenAI.ChatCompletionMessage;
  /** @ts-ignore not in every openai */
  export type ChatCompletionMessageCustomToolCall = OpenAI.ChatCompletionMessageCustomToolCall;
  /** @ts-ignore not in every openai */
  export type ChatCompletionMessageFunctionToolCall = OpenAI.ChatCompletionMessageFunctionToolCall;
  export type ChatCompletionMessageParam = OpenAI.ChatCompletionMessageParam;
  export type ChatCompletionMessageToolCall = OpenAI.ChatCompletionMessageToolCall;
  export type ChatCompletionModality = OpenAI.ChatCompletionModality;
  export type ChatCompletionNamedToolChoice = OpenAI.ChatCompletionNamedToolChoice;
  /** @ts-ignore not in every openai */
  export type ChatCompletionNamedToolChoiceCustom = OpenAI.ChatCompletionNamedToolChoiceCustom;
  /** @ts-ignore not in every openai */
  export type ChatCompletionParseParams = OpenAI.ChatCompletionParseParams;
  export type ChatCompletionPredictionContent = OpenAI.ChatCompletionPredictionContent;
  export type ChatCompletionReasoningEffort = OpenAI.ChatCompletionReasoningEffort;
  export type ChatCompletionRole = OpenAI.ChatCompletionRole;
  export type ChatCompletionStoreMessage = OpenAI.ChatCompletionStoreMessage;
  export type ChatCompletionStreamOptions = OpenAI.ChatCompletionStreamOptions;
  export type ChatCompletionSystemMessageParam = OpenAI.ChatCompletionSystemMessageParam;
  export type ChatCompletionTokenLogprob = OpenAI.ChatCompletionTokenLogprob;
  export type ChatCompletionTool = OpenAI.ChatCompletionTool;
  export type ChatCompletionToolChoiceOption = OpenAI.ChatCompletionToolChoiceOption;
  export type ChatCompletionToolMessageParam = OpenAI.ChatCompletionToolMessageParam;
  export type ChatCompletionUpdateParams = OpenAI.ChatCompletionUpdateParams;
  export type ChatCompletionUserMessageParam = OpenAI.ChatCompletionUserMessageParam;
  export type ChatCompletionsPage = OpenAI.ChatCompletionsPage;
  export type ChatModel = OpenAI.ChatModel;
  export type ComparisonFilter = OpenAI.ComparisonFilter;
  export type Completion = OpenAI.Completion;
  export type CompletionChoice = OpenAI.CompletionChoice;
  export type CompletionCreateParams = OpenAI.CompletionCreateParams;
  export type CompletionCreateParamsNonStreaming = OpenAI.CompletionCreateParamsNonStreaming;
  export type CompletionCreateParamsStreaming = OpenAI.CompletionCreateParamsStreaming;
  export type CompletionUsage = OpenAI.CompletionUsage;
  export import Completions = OpenAI.Completions;
  export type CompoundFilter = OpenAI.CompoundFilter;
  export type ContainerCreateParams = OpenAI.ContainerCreateParams;
  export type ContainerCreateResponse = OpenAI.ContainerCreateResponse;
  export type ContainerListParams = OpenAI.ContainerListParams;
  export type ContainerListResponse = OpenAI.ContainerListResponse;
  export type ContainerListResponsesPage = OpenAI.ContainerListResponsesPage;
  export type ContainerRetrieveResponse = OpenAI.ContainerRetrieveResponse;
  export import Containers = OpenAI.Containers;
  /** @ts-ignore not in every openai */
  export type ContentProvenanceCheck = OpenAI.ContentProvenanceCheck;
  /** @ts-ignore not in every openai */
  export type ContentProvenanceCheckCreateParams = OpenAI.ContentProvenanceCheckCreateParams;
  /** @ts-ignore not in every openai */
  export import ContentProvenanceChecks = OpenAI.ContentProvenanceChecks;
  /** @ts-ignore not in every openai */
  export import ConversationCursorPage = OpenAI.ConversationCursorPage;
  /** @ts-ignore not in every openai */
  export type ConversationCursorPageParams = OpenAI.ConversationCursorPageParams;
  /** @ts-ignore not in every openai */
  export type ConversationCursorPageResponse<Item> = OpenAI.ConversationCursorPageResponse<Item>;
  /** @ts-ignore not in every openai */
  export import Conversations = OpenAI.Conversations;
  /** @ts-ignore not in every openai */
  export type CreateChatCompletionRequestMessage = OpenAI.CreateChatCompletionRequestMessage;
  export type CreateEmbeddingResponse = OpenAI.CreateEmbeddingResponse;
  export import CursorPage = OpenAI.CursorPage;
  export type CursorPageParams = OpenAI.CursorPageParams;
  export type CursorPageResponse<Item> = OpenAI.CursorPageResponse<Item>;
  /** @ts-ignore not in every openai */
  export type CustomToolInputFormat = OpenAI.CustomToolInputFormat;
  /** @ts-ignore not in every openai */
  export type DataResidency = OpenAI.DataResidency;
  /** @ts-ignore not in every openai */
  export type Decision = OpenAI.Decision;
  /** @ts-ignore not in every openai */
  export type DecisionCreateParams = OpenAI.DecisionCreateParams;
  /** @ts-ignore not in every openai */
  export type DecisionInputImage = OpenAI.DecisionInputImage;
  /** @ts-ignore not in every openai */
  export type DecisionInputJSON = OpenAI.DecisionInputJSON;
  /** @ts-ignore not in every openai */
  export type DecisionInputJson = OpenAI.DecisionInputJson;
  /** @ts-ignore not in every openai */
  export type DecisionInputMessage = OpenAI.DecisionInputMessage;
  /** @ts-ignore not in every openai */
  export type DecisionInputPart = OpenAI.DecisionInputPart;
  /** @ts-ignore not in every openai */
  export type DecisionInputText = OpenAI.DecisionInputText;
  /** @ts-ignore not in every openai */
  export type DecisionPromptCacheBreakpoint = OpenAI.DecisionPromptCacheBreakpoint;
  /** @ts-ignore not in every openai */
  export type DecisionQuestionInputImage = OpenAI.DecisionQuestionInputImage;
  /** @ts-ignore not in every openai */
  export type DecisionQuestionInputPart = OpenAI.DecisionQuestionInputPart;
  /** @ts-ignore not in every openai */
  export type DecisionQuestionInputText = OpenAI.DecisionQuestionInputText;
  /** @ts-ignore not in every openai */
  export import Decisions = OpenAI.Decisions;
  /** @ts-ignore not in every openai */
  export type DeletedSkill = OpenAI.DeletedSkill;
  export type Embedding = OpenAI.Embedding;
  export type EmbeddingCreateParams = OpenAI.EmbeddingCreateParams;
  export type EmbeddingModel = OpenAI.EmbeddingModel;
  export import Embeddings = OpenAI.Embeddings;
  export type ErrorObject = OpenAI.ErrorObject;
  export type EvalCreateParams = OpenAI.EvalCreateParams;
  export type EvalCreateResponse = OpenAI.EvalCreateResponse;
  export type EvalCustomDataSourceConfig = OpenAI.EvalCustomDataSourceConfig;
  export type EvalDeleteResponse = OpenAI.EvalDeleteResponse;
  export type EvalListParams = OpenAI.EvalListParams;
  export type EvalListResponse = OpenAI.EvalListResponse;
  export type EvalListResponsesPage = OpenAI.EvalListResponsesPage;
  export type EvalRetrieveResponse = OpenAI.EvalRetrieveResponse;
  export type EvalStoredCompletionsDataSourceConfig = OpenAI.EvalStoredCompletionsDataSourceConfig;
  export type EvalUpdateParams = OpenAI.EvalUpdateParams;
  export type EvalUpdateResponse = OpenAI.EvalUpdateResponse;
  export import Evals = OpenAI.Evals;
  export type FileChunkingStrategy = OpenAI.FileChunkingStrategy;
  export type FileChunkingStrategyParam = OpenAI.FileChunkingStrategyParam;
  export type FileContent = OpenAI.FileContent;
  export type FileCreateParams = OpenAI.FileCreateParams;
  export type FileDeleted = OpenAI.FileDeleted;
  export type FileListParams = OpenAI.FileListParams;
  export type FileObject = OpenAI.FileObject;
  export type FileObjectsPage = OpenAI.FileObjectsPage;
  export type FilePurpose = OpenAI.FilePurpose;
  export import Files = OpenAI.Files;
  export import FineTuning = OpenAI.FineTuning;
  export type FunctionDefinition = OpenAI.FunctionDefinition;
  export type FunctionParameters = OpenAI.FunctionParameters;
  export import Graders = OpenAI.Graders;
  export type Image = OpenAI.Image;
  export type ImageCreateVariationParams = OpenAI.ImageCreateVariationParams;
  /** @ts-ignore not in every openai */
  export type ImageEditCompletedEvent = OpenAI.ImageEditCompletedEvent;
  export type ImageEditParams = OpenAI.ImageEditParams;
  /** @ts-ignore not in every openai */
  export type ImageEditParamsNonStreaming = OpenAI.ImageEditParamsNonStreaming;
  /** @ts-ignore not in every openai */
  export type ImageEditParamsStreaming = OpenAI.ImageEditParamsStreaming;
  /** @ts-ignore not in every openai */
  export type ImageEditPartialImageEvent = OpenAI.ImageEditPartialImageEvent;
  /** @ts-ignore not in every openai */
  export type ImageEditStreamEvent = OpenAI.ImageEditStreamEvent;
  /** @ts-ignore not in every openai */
  export type ImageGenCompletedEvent = OpenAI.ImageGenCompletedEvent;
  /** @ts-ignore not in every openai */
  export type ImageGenPartialImageEvent = OpenAI.ImageGenPartialImageEvent;
  /** @ts-ignore not in every openai */
  export type ImageGenStreamEvent = OpenAI.ImageGenStreamEvent;
  export type ImageGenerateParams = OpenAI.ImageGenerateParams;
  /** @ts-ignore not in every openai */
  export type ImageGenerateParamsNonStreaming = OpenAI.ImageGenerateParamsNonStreaming;
  /** @ts-ignore not in every openai */
  export type ImageGenerateParamsStreaming = OpenAI.ImageGenerateParamsStreaming;
  /** @ts-ignore not in every openai */
  export type ImageInputReferenceParam = OpenAI.ImageInputReferenceParam;
  export type ImageModel = OpenAI.ImageModel;
  export import Images = OpenAI.Images;
  export type ImagesResponse = OpenAI.ImagesResponse;
  /** @ts-ignore not in every openai */
  export import Live = OpenAI.Live;
  export type Metadata = OpenAI.Metadata;
  export type Model = OpenAI.Model;
  export type ModelDeleted = OpenAI.ModelDeleted;
  export import Models = OpenAI.Models;
  export type ModelsPage = OpenAI.ModelsPage;
  export type Moderation = OpenAI.Moderation;
  export type ModerationCreateParams = OpenAI.ModerationCreateParams;
  export type ModerationCreateResponse = OpenAI.ModerationCreateResponse;
  export type ModerationImageURLInput = OpenAI.ModerationImageURLInput;
  export type ModerationModel = OpenAI.ModerationModel;
  export type ModerationMultiModalInput = OpenAI.ModerationMultiModalInput;
  export type ModerationTextInput = OpenAI.ModerationTextInput;
  export import Moderations = OpenAI.Moderations;
  /** @ts-ignore not in every openai */
  export import NextCursorPage = OpenAI.NextCursorPage;
  /** @ts-ignore not in every openai */
  export type NextCursorPageParams = OpenAI.NextCursorPageParams;
  /** @ts-ignore not in every openai */
  export type NextCursorPageResponse<Item> = OpenAI.NextCursorPageResponse<Item>;
  /** @ts-ignore not in every openai */
  export type OAuthErrorCode = OpenAI.OAuthErrorCode;
  export type OtherFileChunkingStrategyObject = OpenAI.OtherFileChunkingStrategyObject;
  export import Page = OpenAI.Page;
  export type PageResponse<Item> = OpenAI.PageResponse<Item>;
  /** @ts-ignore not in every openai */
  export type ParsedChatCompletion = OpenAI.ParsedChatCompletion;
  /** @ts-ignore not in every openai */
  export type ParsedChatCompletionMessage = OpenAI.ParsedChatCompletionMessage;
  /** @ts-ignore not in every openai */
  export type ParsedChatCompletionMessageToolCall = OpenAI.ParsedChatCompletionMessageToolCall;
  /** @ts-ignore not in every openai */
  export type ParsedChoice = OpenAI.ParsedChoice;
  /** @ts-ignore not in every openai */
  export type ParsedFunction = OpenAI.ParsedFunction;
  /** @ts-ignore not in every openai */
  export type ParsedFunctionToolCall = OpenAI.ParsedFunctionToolCall;
  /** @ts-ignore not in every openai */
  export import Realtime = OpenAI.Realtime;
  export type Reasoning = OpenAI.Reasoning;
  export type ReasoningEffort = OpenAI.ReasoningEffort;
  export type RequestOptions = OpenAI.RequestOptions;
  export type ResponseFormatJSONObject = OpenAI.ResponseFormatJSONObject;
  export type ResponseFormatJSONSchema = OpenAI.ResponseFormatJSONSchema;
  export type ResponseFormatText = OpenAI.ResponseFormatText;
  /** @ts-ignore not in every openai */
  export type ResponseFormatTextGrammar = OpenAI.ResponseFormatTextGrammar;
  /** @ts-ignore not in every openai */
  export type ResponseFormatTextPython = OpenAI.ResponseFormatTextPython;
  export import Responses = OpenAI.Responses;
  export type ResponsesModel = OpenAI.ResponsesModel;
  /** @ts-ignore not in every openai */
  export import Safety = OpenAI.Safety;
  /** @ts-ignore not in every openai */
  export type Skill = OpenAI.Skill;
  /** @ts-ignore not in every openai */
  export type SkillCreateParams = OpenAI.SkillCreateParams;
  /** @ts-ignore not in every openai */
  export type SkillList = OpenAI.SkillList;
  /** @ts-ignore not in every openai */
  export type SkillListParams = OpenAI.SkillListParams;
  /** @ts-ignore not in every openai */
  export type SkillUpdateParams = OpenAI.SkillUpdateParams;
  /** @ts-ignore not in every openai */
  export import Skills = OpenAI.Skills;
  /** @ts-ignore not in every openai */
  export type SkillsPage = OpenAI.SkillsPage;
  export type StaticFileChunkingStrategy = OpenAI.StaticFileChunkingStrategy;
  export type StaticFileChunkingStrategyObject = OpenAI.StaticFileChunkingStrategyObject;
  export type StaticFileChunkingStrategyObjectParam = OpenAI.StaticFileChunkingStrategyObjectParam;
  /** @ts-ignore not in every openai */
  export import TokenPage = OpenAI.TokenPage;
  /** @ts-ignore not in every openai */
  export type TokenPageParams = OpenAI.TokenPageParams;
  /** @ts-ignore not in every openai */
  export type TokenPageResponse<Item> = OpenAI.TokenPageResponse<Item>;
  export type Upload = OpenAI.Upload;
  export type UploadCompleteParams = OpenAI.UploadCompleteParams;
  export type UploadCreateParams = OpenAI.UploadCreateParams;
  export import Uploads = OpenAI.Uploads;
  export type VectorStore = OpenAI.VectorStore;
  export type VectorStoreCreateParams = OpenAI.VectorStoreCreateParams;
  export type VectorStoreDeleted = OpenAI.VectorStoreDeleted;
  export type VectorStoreListParams = OpenAI.VectorStoreListParams;
  export type VectorStoreSearchParams = OpenAI.VectorStoreSearchParams;
  export type VectorStoreSearchResponse = OpenAI.VectorStoreSearchResponse;
  export type VectorStoreSearchResponsesPage = OpenAI.VectorStoreSearchResponsesPage;
  export type VectorStoreUpdateParams = OpenAI.VectorStoreUpdateParams;
  export import VectorStores = OpenAI.VectorStores;
  export type VectorStoresPage = OpenAI.VectorStoresPage;
  /** @ts-ignore not in every openai */
  export type Video = OpenAI.Video;
  /** @ts-ignore not in every openai */
  export type VideoCreateCharacterParams = OpenAI.VideoCreateCharacterParams;
  /** @ts-ignore not in every openai */
  export type VideoCreateCharacterResponse = OpenAI.VideoCreateCharacterResponse;
  /** @ts-ignore not in every openai */
  export type VideoCreateError = OpenAI.VideoCreateError;
  /** @ts-ignore not in every openai */
  export type VideoCreateParams = OpenAI.VideoCreateParams;
  /** @ts-ignore not in every openai */
  export type VideoDeleteResponse = OpenAI.VideoDeleteResponse;
  /** @ts-ignore not in every openai */
  export type VideoDownloadContentParams = OpenAI.VideoDownloadContentParams;
  /** @ts-ignore not in every openai */
  export type VideoEditParams = OpenAI.VideoEditParams;
  /** @ts-ignore not in every openai */
  export type VideoExtendParams = OpenAI.VideoExtendParams;
  /** @ts-ignore not in every openai */
  export type VideoGetCharacterResponse = OpenAI.VideoGetCharacterResponse;
  /** @ts-ignore not in every openai */
  export type VideoListParams = OpenAI.VideoListParams;
  /** @ts-ignore not in every openai */
  export type VideoModel = OpenAI.VideoModel;
  /** @ts-ignore not in every openai */
  export type VideoRemixParams = OpenAI.VideoRemixParams;
  /** @ts-ignore not in every openai */
  export type VideoSeconds = OpenAI.VideoSeconds;
  /** @ts-ignore not in every openai */
  export type VideoSize = OpenAI.VideoSize;
  /** @ts-ignore not in every openai */
  export import Videos = OpenAI.Videos;
  /** @ts-ignore not in every openai */
  export type VideosPage = OpenAI.VideosPage;
  /** @ts-ignore not in every openai */
  export import Webhooks = OpenAI.Webhooks;
  // end
}
