/** Which JavaScript runtime this is, as `name/version`, for `sdk.runtime` of an event. */

interface RuntimeGlobals {
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: { readonly version?: { readonly deno?: string } };
  readonly navigator?: { readonly userAgent?: string };
}

/** @returns e.g. `node/20.20.2`; `null` where the runtime does not say. Others also claim to be Node. */
export function describeRuntime(globals: RuntimeGlobals = globalThis): string | null {
  const versions = globals.process?.versions;
  if (versions?.["bun"] !== undefined) return `bun/${versions["bun"]}`;
  if (globals.navigator?.userAgent === "Cloudflare-Workers") return "workerd";
  const deno = globals.Deno?.version?.deno;
  if (deno !== undefined) return `deno/${deno}`;
  return versions?.["node"] === undefined ? null : `node/${versions["node"]}`;
}
