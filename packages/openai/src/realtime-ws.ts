/**
 * `cmdrdata-openai/realtime/ws`: what `openai/realtime/ws` has, with a connection that also reports what it uses. Like the
 * SDK's, it needs `ws`; and it needs an openai that has that module (5.18.1 and newer).
 */
import { OpenAIRealtimeWS as Base } from "openai/realtime/ws";

import { adopt, prepareConnection } from "./made-connection.ts";
import type { RealtimeTrackingOptions } from "./options/realtime-options.ts";

export * from "openai/realtime/ws";

type Props = ConstructorParameters<typeof Base>[0];
type Client = ConstructorParameters<typeof Base>[1];
type CreateArguments = Parameters<typeof Base.create>;
type AzureArguments = Parameters<typeof Base.azure>;

/** The SDK's own connection, that also takes cmdrdata's options beside the SDK's; none of them reaches OpenAI. */
export class OpenAIRealtimeWS extends Base {
  /** @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every tracking option that is wrong */
  constructor(props: Props & RealtimeTrackingOptions, client?: Client) {
    const prepared = prepareConnection<Props>(props, client);
    super(prepared.props, client);
    prepared.track(this);
  }

  static override async create(
    client: CreateArguments[0],
    props: CreateArguments[1] & RealtimeTrackingOptions,
  ): Promise<OpenAIRealtimeWS> {
    const prepared = prepareConnection<CreateArguments[1]>(props, client);
    return prepared.track(adopt(await Base.create(client, prepared.props), OpenAIRealtimeWS));
  }

  static override async azure(
    client: AzureArguments[0],
    props?: AzureArguments[1] & RealtimeTrackingOptions,
  ): Promise<OpenAIRealtimeWS> {
    const prepared = prepareConnection<AzureArguments[1]>(props, client);
    return prepared.track(adopt(await Base.azure(client, prepared.props), OpenAIRealtimeWS));
  }
}
