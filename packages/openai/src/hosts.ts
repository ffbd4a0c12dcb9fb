/** Whose API a URL belongs to. Hosts nobody knows are taken for OpenAI-compatible servers. */

export type HostKind = "openai" | "azure" | "other";

const openAiHost = /^([a-z0-9-]+\.)?api\.openai\.com$/;
const azureOpenAiHost = /\.openai\.azure\.(com|us)$/;
const azureHost = /\.(cognitiveservices|services\.ai)\.azure\.(com|us)$/;

export interface Host {
  readonly kind: HostKind;
  /** Where an id means one thing only: all of OpenAI, all of Azure; of any other server, what is at its origin. */
  readonly idSpace: string;
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
  const unknownHost: Host = { kind: otherwise, idSpace: otherwise, tellsUsageOnRequest: false };
  let lastOrigin = "";
  let lastHost = unknownHost;
  return (url) => {
    if (lastOrigin !== "" && url.startsWith(lastOrigin)) return lastHost;
    if (!URL.canParse(url)) return unknownHost;
    const { origin, hostname } = new URL(url);
    lastOrigin = `${origin}/`;
    lastHost = knownHost(hostname) ?? (otherwise === "other" ? { ...unknownHost, idSpace: origin } : unknownHost);
    return lastHost;
  };
}

function knownHost(hostname: string): Host | undefined {
  if (openAiHost.test(hostname)) return { kind: "openai", idSpace: "openai", tellsUsageOnRequest: true };
  if (azureOpenAiHost.test(hostname)) return { kind: "azure", idSpace: "azure", tellsUsageOnRequest: true };
  return azureHost.test(hostname) ? { kind: "azure", idSpace: "azure", tellsUsageOnRequest: false } : undefined;
}
