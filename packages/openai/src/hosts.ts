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

const unknownHost: Host = { kind: "other", tellsUsageOnRequest: false };

/** @returns a function that knows the host of a URL; it remembers the last one, since a client has mostly one */
export function createHostLookup(): (url: string) => Host {
  let lastOrigin = "";
  let lastHost = unknownHost;
  return (url) => {
    if (lastOrigin !== "" && url.startsWith(lastOrigin)) return lastHost;
    if (!URL.canParse(url)) return unknownHost;
    const { origin, hostname } = new URL(url);
    lastOrigin = `${origin}/`;
    lastHost = hostOf(hostname);
    return lastHost;
  };
}

function hostOf(hostname: string): Host {
  if (openAiHost.test(hostname)) return { kind: "openai", tellsUsageOnRequest: true };
  if (azureOpenAiHost.test(hostname)) return { kind: "azure", tellsUsageOnRequest: true };
  return { kind: azureHost.test(hostname) ? "azure" : "other", tellsUsageOnRequest: false };
}
