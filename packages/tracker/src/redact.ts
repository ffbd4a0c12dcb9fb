/**
 * Takes secrets out of texts that leave for a log, a hook or `metrics()`, whoever wrote them.
 *
 * Promise: what looks like a key, or stands where a key stands, is replaced. A word too many may go; no key may stay.
 */

/** `sk-…` (also `sk-proj-`, `sk-admin-`, `sk-svcacct-`), `tk-…`, sessions, short-lived and webhook keys, ids of accounts. */
const keys = /(?<![A-Za-z0-9])(?:(?:sk|tk|pk|rk|sess)-|(?:ek|sk|whsec)_)[\w-]{6,}/gi;
/** The same anywhere, if it is long enough: after `%20`, `\n` in JSON, or a letter that somebody put before it. */
const longKeys = /(?:sk|tk)-[\w-]{16,}/gi;
const accounts = /(?<![A-Za-z0-9])(?:org-|proj_|user-)[A-Za-z0-9]{8,}/g;
/** `Bearer …`, `Basic …`; JSON Web Tokens. */
const credentials = /\b(?:Bearer|Basic)\s+[^\s"',;]+|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/gi;
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
