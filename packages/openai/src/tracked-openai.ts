/** The drop-in client: the official one, that also reports each call's usage per customer. */
import type { Tracker } from "@cmdrdata/tracker";
import { OpenAI } from "openai";

import type { TrackedClientOptions } from "./options/client-options.ts";
import { takeNameOf, withTracking } from "./with-tracking.ts";

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
    takeNameOf(OpenAI, this);
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
  export import Audio = OpenAI.Audio;
  export import Batches = OpenAI.Batches;
  export import Beta = OpenAI.Beta;
  export import Chat = OpenAI.Chat;
  export import Completions = OpenAI.Completions;
  export import Containers = OpenAI.Containers;
  export import Embeddings = OpenAI.Embeddings;
  export import Evals = OpenAI.Evals;
  export import Files = OpenAI.Files;
  export import FineTuning = OpenAI.FineTuning;
  export import Graders = OpenAI.Graders;
  export import Images = OpenAI.Images;
  export import Models = OpenAI.Models;
  export import Moderations = OpenAI.Moderations;
  export import Responses = OpenAI.Responses;
  export import Uploads = OpenAI.Uploads;
  export import VectorStores = OpenAI.VectorStores;
  export type RequestOptions = OpenAI.RequestOptions;
}
