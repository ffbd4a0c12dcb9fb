/** Whose API a URL belongs to. Hosts nobody knows are taken for OpenAI-compatible servers. */

export type HostKind = "openai" | "azure" | "other";

const openAiHost = /^([a-z0-9-]+\.)?api\.openai\.com$/;
const azureOpenAiHost = /\.openai\.azure\.(com|us)$/;
const azureHost = /\.(cognitiveservices|services\.ai)\.azure\.(com|us)$/;

export interface Host {
  readonly kind: HostKind;
  /** Known to support `stream_options.include_usage`. */
  readonly tellsUsageOnRequest: boolean;
}

/** As events name it: servers that speak OpenAI's API are taken for it. */
export function providerOf({ kind }: Host): string {
  return kind === "azure" ? "azure" : "openai";
}

/**
 * @param otherwise - what a host that nobody knows is
 * @returns a function that knows the host of a URL; it remembers the last one, since a client has mostly one
 */
export function createHostLookup(otherwise: HostKind = "other"): (url: string) => Host {
  const unknownHost: Host = { kind: otherwise, tellsUsageOnRequest: false };
  let lastOrigin = "";
  let lastHost = unknownHost;
  return (url) => {
    if (lastOrigin !== "" && url.startsWith(lastOrigin)) return lastHost;
    if (!URL.canParse(url)) return unknownHost;
    const { origin, hostname } = new URL(url);
    lastOrigin = `${origin}/`;
    lastHost = knownHost(hostname) ?? unknownHost;
    return lastHost;
  };
}

function knownHost(hostname: string): Host | undefined {
  if (openAiHost.test(hostname)) return { kind: "openai", tellsUsageOnRequest: true };
  if (azureOpenAiHost.test(hostname)) return { kind: "azure", tellsUsageOnRequest: true };
  return azureHost.test(hostname) ? { kind: "azure", tellsUsageOnRequest: false } : undefined;
}
