/**
 * Takes secrets out of texts that leave for a log, a hook or `metrics()`, whoever wrote them.
 *
 * Promise: what looks like a key, or stands where a key stands, is replaced. A word too many may go; no key may stay.
 */

/** Where a word begins: also after what stands for a character in JSON or in a URL. */
const start = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[bfnrtv])|(?<=\\u[\da-f]{4})|(?<=%[\da-f]{2}))`;
/** `sk-…` (also `sk-proj-`, `sk-admin-`, `sk-svcacct-`), `tk-…`, sessions, short-lived and webhook keys, ids of accounts. */
const keys = new RegExp(String.raw`${start}(?:(?:sk|tk|pk|rk|sess)-|(?:ek|sk|whsec)_)[\w-]{6,}`, "gi");
const accounts = new RegExp(`${start}(?:org-|proj_|user-)[a-z0-9]{8,}`, "gi");
/** A key anywhere, if it is long enough: somebody may have put a letter before it. */
const longKeys = /(?:sk|tk)-[\w-]{16,}/gi;
/** `Bearer …`, `Basic …`; JSON Web Tokens. */
const credentials = /(?:Bearer|Basic)\s+[^\s"',;]+|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/gi;
/** `api_key=…`, `"x-api-key": "…"`, `authorization: …`, `&sig=…`: the value goes. */
const named =
  /((?:api|access|subscription|account|private|secret)[-_ ]?key|authorization|password|passwd|secret|(?:access|id|refresh|auth|session)?[-_]?token|signature|\b(?:sig|key|code))(["']?\s*[=:]\s*["']?)(?!\[redacted\])[^\s"'&,;<>)}\]]+/gi;
/** `https://user:password@host` */
const userInfo = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

export function redactSecrets(text: string): string {
  return text
    .replaceAll(userInfo, "$1[redacted]@")
    .replaceAll(credentials, "[redacted]")
    .replaceAll(keys, "[redacted]")
    .replaceAll(longKeys, "[redacted]")
    .replaceAll(accounts, "[redacted]")
    .replaceAll(named, "$1$2[redacted]");
}
