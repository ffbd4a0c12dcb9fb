/** Certificates for tests, made on the spot: no private key is kept in the repository. */
import { generateKeyPairSync, type KeyObject, randomInt, sign } from "node:crypto";
import { isIP } from "node:net";

/** What a TLS server is made with, both in PEM. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateWishes {
  /** Host name or IPv4 address it is for. Default `127.0.0.1`. */
  readonly host?: string;
  readonly from?: Date;
  readonly until?: Date;
}

export interface TestAuthority {
  /** Its own certificate, in PEM. */
  readonly cert: string;
  issue(wishes?: CertificateWishes): SelfSigned;
}

/** A certificate for a server that nobody vouches for. */
export function selfSigned(wishes: CertificateWishes = {}): SelfSigned {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = nameOf(wishes.host ?? loopback);
  return certify({ ...wishes, subject, issuer: subject, publicKey: pair.publicKey, signer: pair.privateKey }, pair);
}

/** An authority that no system knows, and that vouches for whom it is told to. */
export function testAuthority(commonName = "cmdrdata test authority"): TestAuthority {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = nameOf(commonName);
  const root = { subject: issuer, issuer, publicKey: own.publicKey, signer: own.privateKey, authority: true };
  return {
    cert: certify(root, own).cert,
    issue: (wishes = {}) => {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const subject = nameOf(wishes.host ?? loopback);
      return certify({ ...wishes, subject, issuer, publicKey: pair.publicKey, signer: own.privateKey }, pair);
    },
  };
}

const loopback = "127.0.0.1";

interface Certificate extends CertificateWishes {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly authority?: boolean;
}

/** X.509 v3 (RFC 5280, 4.1), signed with ECDSA and SHA-256. */
function certify(wanted: Certificate, { privateKey }: { readonly privateKey: KeyObject }): SelfSigned {
  const algorithm = sequence(objectId("2a8648ce3d040302"));
  const from = wanted.from ?? new Date("2025-01-01T00:00:00Z");
  const until = wanted.until ?? new Date("2049-12-31T00:00:00Z");
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, randomInt(1, 127), randomInt(256)])),
    algorithm,
    wanted.issuer,
    sequence(time(from), time(until)),
    wanted.subject,
    wanted.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(wanted.authority === true ? isAuthority : isFor(wanted.host ?? loopback))),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", content, wanted.signer));
  const body = sequence(content, algorithm, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${body.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  };
}

/** Basic constraints, critical: may sign others. */
const isAuthority = extension("551d13", der(0x01, Buffer.from([0xff])), sequence(der(0x01, Buffer.from([0xff]))));

/** Subject alternative name. */
function isFor(host: string): Buffer {
  const address = Buffer.from(host.split(".").map(Number));
  return extension("551d11", sequence(isIP(host) === 4 ? der(0x87, address) : der(0x82, Buffer.from(host))));
}

function extension(id: string, ...parts: readonly Buffer[]): Buffer {
  return sequence(objectId(id), ...parts.slice(0, -1), der(0x04, ...parts.slice(-1)));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId("550403"), der(0x0c, Buffer.from(commonName)))));
}

function time(date: Date): Buffer {
  // YYMMDDHHMMSSZ
  return der(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, "").slice(2, 14)}Z`));
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}
