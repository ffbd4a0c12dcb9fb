/** Which collector addresses events may be sent to: HTTPS, and plain HTTP only where nobody can listen in. */

/**
 * @returns what is wrong with an endpoint, in words that never repeat a password, or `undefined`
 */
export function endpointProblem(endpoint: string, allowInsecureHttp: boolean): string | undefined {
  if (!URL.canParse(endpoint)) return "expected a URL like https://collector.example.com/api/events, got another text";
  const url = new URL(endpoint);
  if (url.username !== "" || url.password !== "")
    return "expected a URL without user name and password, got one with them";
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return `expected https://, got ${url.protocol}//`;
  if (allowInsecureHttp || isLoopback(url.hostname)) return undefined;
  return `expected https:// (http:// only for this machine, or with security.allowInsecureHttp), got http://${url.hostname}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
