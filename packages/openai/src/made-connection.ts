/**
 * What the tracked connection classes have in common: props with the SDK's own and cmdrdata's, taken apart before the
 * connection is made, and its tracking started right after.
 */
import { copyWithout } from "./copy-without.ts";
import { optionNameProblems } from "./options/option-names.ts";
import type { ConnectionClient, RealtimeTrackingOptions } from "./options/realtime-options.ts";
import type { RealtimeConnection } from "./realtime/connection.ts";
import { realtimeOptionNames, resolveRealtimeOptions } from "./resolve-realtime-options.ts";
import { startTracking } from "./realtime-tracking.ts";
import { realSystem } from "./with-tracking.ts";

export interface PreparedConnection<Props> {
  /** For the SDK: the very object where there is nothing to take off. */
  readonly props: Props;
  readonly track: <Connection extends RealtimeConnection>(connection: Connection) => Connection;
}

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every tracking option that is wrong; no connection is made then */
export function prepareConnection<Props extends object | undefined>(
  given: Props | (Props & RealtimeTrackingOptions),
  client: ConnectionClient | undefined,
): PreparedConnection<Props> {
  const source: RealtimeTrackingOptions = given ?? {};
  const own: Record<string, unknown> = {};
  for (const name of realtimeOptionNames) if (source[name] !== undefined) own[name] = source[name];
  const misnamed = optionNameProblems(copyWithout(source, realtimeOptionNames));
  const config = resolveRealtimeOptions({ ...own, client }, realSystem.environment(), misnamed);
  const ours = realtimeOptionNames.some((name) => Object.hasOwn(source, name));
  return {
    props: (ours ? copyWithout(source, realtimeOptionNames) : given) as Props,
    track: (connection) => startTracking(connection, config, realSystem),
  };
}

/** Makes one that the SDK made an instance of the tracked class, which adds nothing to it but its name. */
export function adopt<Class extends abstract new (...args: never) => object>(
  connection: object,
  { prototype }: Class,
): InstanceType<Class> {
  return Object.setPrototypeOf(connection, prototype as object) as InstanceType<Class>;
}
