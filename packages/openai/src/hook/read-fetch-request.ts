/**
 * What a `fetch` is about to send, as far as it can be known without reading anything of it: method, path below the API's
 * base, and the body where it is text, bytes of JSON or a form. A `Request` keeps its body to itself.
 */
import { copyWithoutFields, namesTracking } from "../call-fields.ts";
import type { SdkRequest } from "../call.ts";
import { parseJson } from "../parse-json.ts";
import { replaceBody } from "../replace-body.ts";

export interface FetchRequest {
  readonly url: string;
  readonly request: SdkRequest;
  /** What goes out: the program's own, or a copy whose body is without the tracking fields. */
  readonly init: RequestInit | undefined;
}

type FetchInput = string | URL | Request;

/** @returns `undefined` for what is no request of an API, as a `data:` URL is none */
export function readRequest(input: FetchInput, init: RequestInit | undefined): FetchRequest | undefined {
  const url = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
  if (!/^https?:/i.test(url)) return undefined;
  const method = init?.method ?? (typeof input === "object" && "method" in input ? input.method : "get");
  const body = readBody(init?.body);
  const stream = (body as { readonly stream?: unknown } | null | undefined)?.stream === true;
  return {
    url,
    request: { method: method.toLowerCase() as SdkRequest["method"], path: pathOf(url), body, stream },
    init: namesTracking(body) ? withoutFields(init, body) : init,
  };
}

function withoutFields(init: RequestInit | undefined, body: object): RequestInit {
  const copy: RequestInit = { ...init };
  const headers = new Headers(init?.headers);
  // In whatever form and case they come; the program's own object stays as it is.
  if (headers.has("content-length")) copy.headers = headers;
  replaceBody(copy, JSON.stringify(copyWithoutFields(body)));
  return copy;
}

/** Of JSON what it says, of a form the form; anything else is not known. */
function readBody(body: unknown): unknown {
  if (typeof body === "string") return parseObject(body);
  if (body instanceof Uint8Array)
    return body[0] === openingBrace ? parseObject(new TextDecoder().decode(body)) : undefined;
  return body;
}

const openingBrace = 0x7b;

function parseObject(text: string): unknown {
  return text.startsWith("{") ? parseJson(text) : undefined;
}

/** The API begins behind its version, or behind the deployment on Azure, wherever a gateway has put it. */
const apiBase = /^.*?\/(?:v\d+|openai\/deployments\/[^/]+)(?=\/)/;

function pathOf(url: string): string {
  const { pathname } = new URL(url);
  return pathname.replace(apiBase, "");
}
