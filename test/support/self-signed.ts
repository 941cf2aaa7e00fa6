import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
}

/** A private authority, which clients trust only if they are given its certificate. */
export interface Authority extends SelfSigned {
  /** Signs a certificate for 127.0.0.1 and a host of that name. */
  issue(commonName: string): SelfSigned;
}

/** ecdsa-with-SHA256, commonName, subjectAltName and basicConstraints, encoded. */
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');

const TRUE = Buffer.from('0101ff', 'hex');
const DAY = 86_400_000;

/**
 * Makes a certificate (RFC 5280) for 127.0.0.1 and a host of that name, good for a day: Node.js itself makes none, and tests need no
 * openssl.
 */
export function selfSigned(commonName: string): SelfSigned {
  return certify(commonName, hosts(commonName));
}

/** Makes an authority whose certificates are good for a day. */
export function createAuthority(commonName: string): Authority {
  const own = certify(commonName, sequence(BASIC_CONSTRAINTS, TRUE, tlv(0x04, sequence(TRUE))));
  const issuer = { commonName, key: own.key };
  return { ...own, issue: (name) => certify(name, hosts(name), issuer) };
}

/** Signs a certificate with the issuer's key; with its own if there is no issuer. */
function certify(
  commonName: string,
  extension: Buffer,
  issuer?: { readonly commonName: string; readonly key: string },
): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguishedName(issuer?.commonName ?? commonName),
    sequence(utcTime(Date.now() - DAY), utcTime(Date.now() + DAY)),
    distinguishedName(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(extension)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, issuer?.key ?? key)]);
  return { cert: pem(sequence(toBeSigned, algorithm, tlv(0x03, signature))), key };
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(commonName)))));
}

function hosts(commonName: string): Buffer {
  const names = sequence(tlv(0x87, Buffer.from([127, 0, 0, 1])), tlv(0x82, Buffer.from(commonName)));
  return sequence(SUBJECT_ALT_NAME, tlv(0x04, names));
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...parts);
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts);
  const short = value.length < 0x80 ? [value.length] : [0x82, value.length >> 8, value.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...short]), value]);
}

function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tlv(0x17, Buffer.from(digits.slice(2)));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
