/** Says why an exchange failed, in words that tell what to do: for a log line and `metrics().lastError`. */

const unknownAuthority =
  "is signed by an authority that is not trusted here (its certificate can be given as security.ca)";
const selfSigned = "is self-signed, which nobody vouches for (it can be given as security.ca)";

/** What Node, Bun and Deno say of a certificate that they refuse. */
const certificateFaults: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another host than the endpoint's",
  CERT_SIGNATURE_FAILURE: "is not signed by the authority that it names",
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
};

/** @param failure - what a request rejected with; the reason may be within: `fetch` has it as the cause, Node in a list */
export function explainFailure(failure: unknown): Error {
  const reason = innermost(failure);
  const { code = reason.name } = reason as { readonly code?: string };
  const fault = Object.hasOwn(certificateFaults, code) ? certificateFaults[code] : undefined;
  if (fault !== undefined) return new Error(`the collector's certificate ${fault}: ${code}`, { cause: failure });
  return reason.message === "" ? new Error(code, { cause: failure }) : reason;
}

function innermost(failure: unknown): Error {
  let error = failure;
  // A cause could lead back to where it came from.
  for (let depth = 0; depth < 5; depth += 1) {
    const { cause, errors } = (error ?? {}) as { readonly cause?: unknown; readonly errors?: readonly unknown[] };
    const next = cause ?? errors?.[0];
    if (!(next instanceof Error)) break;
    error = next;
  }
  return error instanceof Error ? error : new Error(String(error));
}
