/** Whose API a URL belongs to. Hosts nobody knows are taken for OpenAI-compatible servers. */

export type HostKind = "openai" | "azure" | "other";

const openAiHost = /^(?:([a-z0-9-]+)\.)?api\.openai\.com$/;
const azureOpenAiHost = /\.openai\.azure\.(com|us)$/;
const azureHost = /\.(cognitiveservices|services\.ai)\.azure\.(com|us)$/;

export interface Host {
  readonly kind: HostKind;
  /** Where an id means one thing only: all of OpenAI, all of Azure; of any other server, what is at its origin. */
  readonly idSpace: string;
  /** Known to support `stream_options.include_usage`. */
  readonly tellsUsageOnRequest: boolean;
  /** Of a host that OpenAI has for one region: `eu`, `us`, … */
  readonly region: string | null;
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
  const unknownHost: Host = { kind: otherwise, idSpace: otherwise, tellsUsageOnRequest: false, region: null };
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
  const openAi = openAiHost.exec(hostname);
  if (openAi !== null) {
    return { kind: "openai", idSpace: "openai", tellsUsageOnRequest: true, region: openAi[1] ?? null };
  }
  const azure = { kind: "azure", idSpace: "azure", region: null } as const;
  if (azureOpenAiHost.test(hostname)) return { ...azure, tellsUsageOnRequest: true };
  return azureHost.test(hostname) ? { ...azure, tellsUsageOnRequest: false } : undefined;
}
