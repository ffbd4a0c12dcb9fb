/**
 * The collector's certificate, from two files.
 *
 * Promise: a pair that Node cannot use is refused before anything listens with it; a renewed one that is bad changes nothing.
 */
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

import type { Certificate } from "@cmdrdata/collector";
import { CmdrdataError } from "@cmdrdata/protocol";

/** Paths of PEM files: the certificate with its chain, and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID`; never with a part of the key */
export function readCertificate(files: CertificateFiles): Certificate {
  try {
    const pair = { cert: readFileSync(files.cert, "utf8"), key: readFileSync(files.key, "utf8") };
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    const message = `expected a PEM certificate in ${files.cert} and its key in ${files.key} (${reasonOf(cause)})`;
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", `--tls-cert, --tls-key: ${message}`, { cause });
  }
}

/** OpenSSL's code or the file system's: their messages may quote what was read. */
function reasonOf(cause: unknown): string {
  const { code } = cause as { readonly code?: unknown };
  return typeof code === "string" ? code : "unreadable";
}
