/** The drop-in client for Azure: the SDK's own, that also reports each call's usage per customer. */
import type { Tracker } from "@cmdrdata/tracker";
import { AzureOpenAI } from "openai";

import type { TrackingOptions } from "./options/client-options.ts";
import { realSystem, takeLooksOf, withTracking } from "./with-tracking.ts";

// A gateway of one's own before Azure has a name nobody knows; it is Azure's API all the same.
const Base: typeof AzureOpenAI = withTracking(AzureOpenAI, { ...realSystem, unknownHost: "azure" });

/** The SDK's own Azure options and cmdrdata's. */
export type TrackedAzureClientOptions = NonNullable<ConstructorParameters<typeof AzureOpenAI>[0]> & TrackingOptions;

/** The official AzureOpenAI client with `customer_id` on every call; all else as with `TrackedOpenAI`. */
export class TrackedAzureOpenAI extends Base {
  /** Delivers the usage events: `await client.tracker.flush()` before a process ends on its own. */
  declare readonly tracker: Tracker;

  static {
    takeLooksOf(AzureOpenAI, this);
  }

  /** @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every tracking option that is wrong */
  // oxlint-disable-next-line no-useless-constructor -- it takes more options than the base's
  constructor(options?: TrackedAzureClientOptions) {
    super(options);
  }

  override withOptions(options: Partial<TrackedAzureClientOptions>): this {
    return super.withOptions(options);
  }
}
