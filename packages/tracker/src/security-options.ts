/**
 * Whom the tracker trusts with the key and the events: resolved from the option `security` and the environment.
 *
 * Nothing here turns the checks of a certificate off, and there is no option that does.
 */
import { nodeBuiltin, nodeSockets } from "./node-builtin.ts";

/** A certificate, or several one after another, in PEM. */
export type Certificates = string | Uint8Array;

export interface SecurityOptions {
  /** `true` accepts `http://` to other machines: key and events then travel readable. Else `CMDRDATA_ALLOW_INSECURE_HTTP`. */
  readonly allowInsecureHttp?: boolean | undefined;
  /** The authorities that may vouch for the collector, instead of the system's; else those in the file `CMDRDATA_CA_FILE`. */
  readonly ca?: Certificates | readonly Certificates[] | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const insecureVariable = "CMDRDATA_ALLOW_INSECURE_HTTP";
const fileVariable = "CMDRDATA_CA_FILE";
const names = ["allowInsecureHttp", "ca"];

/** Whether `http://` to other machines is accepted. @param given - the option `security`, as it came */
export function allowsInsecureHttp(given: unknown, env: Environment): boolean {
  const { allowInsecureHttp: flag } = (given ?? {}) as { readonly allowInsecureHttp?: unknown };
  return flag === undefined ? env[insecureVariable] === "on" : flag === true;
}

/**
 * The authorities that may vouch for the collector, one certificate each; `undefined`: those that the runtime trusts.
 *
 * @param given - an option `security` that {@link securityProblems} finds nothing wrong with
 */
export function trustedAuthorities(
  given: SecurityOptions | undefined,
  env: Environment,
): readonly string[] | undefined {
  return given?.ca === undefined ? readFile(env).certificates : certificatesIn(given.ca);
}

/** What is wrong with the option, and with the environment where it is used; empty when nothing is. */
export function securityProblems(given: unknown, env: Environment): string[] {
  if (given !== undefined && (typeof given !== "object" || given === null)) return ["security: expected an object"];
  const { allowInsecureHttp, ca } = (given ?? {}) as { readonly [Name in keyof SecurityOptions]: unknown };
  return [
    ...Object.keys(given ?? {})
      .filter((name) => !names.includes(name))
      .map((name) => `security.${name.slice(0, 64)}: unknown option; expected one of ${names.join(", ")}`),
    ...flagProblems(allowInsecureHttp, env),
    ...(ca === undefined ? fileProblems(env) : certificateProblems(ca, "security.ca")),
  ];
}

function flagProblems(flag: unknown, env: Environment): string[] {
  if (flag !== undefined)
    return typeof flag === "boolean" ? [] : ["security.allowInsecureHttp: expected true or false"];
  return ["on", "off", "", undefined].includes(env[insecureVariable])
    ? []
    : [`${insecureVariable}: expected on or off`];
}

function fileProblems(env: Environment): string[] {
  const { problem, certificates } = readFile(env);
  if (problem !== undefined) return [problem];
  return certificates === undefined ? [] : certificateProblems(certificates, fileVariable);
}

function readFile(env: Environment): { readonly problem?: string; readonly certificates?: readonly string[] } {
  const path = env[fileVariable] ?? "";
  if (path === "") return {};
  try {
    const text = nodeBuiltin("node:fs")?.readFileSync(path, "utf8");
    return text === undefined ? { problem: `${fileVariable}: ${notHere}` } : { certificates: certificatesIn(text) };
  } catch (error) {
    const { code = "unreadable" } = error as { readonly code?: string };
    return { problem: `${fileVariable}: expected a file of certificates in PEM, got ${code}` };
  }
}

const notHere = "this runtime has no way to trust authorities of one's own";
const form = "expected certificates in PEM";

function certificateProblems(given: unknown, name: string): string[] {
  const X509Certificate = nodeBuiltin("node:crypto")?.X509Certificate;
  if (X509Certificate === undefined || nodeSockets() === undefined) return [`${name}: ${notHere}`];
  const parts: readonly unknown[] = Array.isArray(given) ? given : [given];
  const wrong = parts.find((part) => typeof part !== "string" && !(part instanceof Uint8Array));
  if (wrong !== undefined)
    return [`${name}: ${form}, got ${typeof wrong === "object" ? "an object" : `a ${typeof wrong}`}`];
  const certificates = certificatesIn(parts as readonly Certificates[]);
  if (certificates.length === 0) return [`${name}: ${form}, got none`];
  return certificates.flatMap((certificate, index) => {
    try {
      void new X509Certificate(certificate);
      return [];
    } catch {
      return [`${name}: ${form}, number ${index + 1} is not readable`];
    }
  });
}

const pem = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Only the certificates: a file may hold explanations, and, by mistake, a private key. */
function certificatesIn(given: Certificates | readonly Certificates[]): readonly string[] {
  const parts = typeof given === "string" || given instanceof Uint8Array ? [given] : given;
  return parts.flatMap((part) => (typeof part === "string" ? part : new TextDecoder().decode(part)).match(pem) ?? []);
}
