import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { read } from './quantities';
import { indirect, secret, type Secret, type Source } from './secret';

const CERTIFICATES = 'expected certificates in PEM form, such as `file:./secrets/bank-ca.pem` gives';

/** One certificate or several, in PEM form. */
export function certificates(source: Source) {
  return indirect(source).pipe(read((text) => (areCertificates(text) ? text : undefined), CERTIFICATES));
}

/** The client certificate (mutual TLS) for a tenant's platform. */
export function clientCertificate(source: Source) {
  return z
    .strictObject({ certificate: certificates(source), key: secret(source) })
    .refine(({ certificate, key }) => belongsTo(certificate, key), {
      error: "expected the certificate's private key, in PEM form and without a passphrase",
      path: ['key'],
    });
}

function areCertificates(text: string): boolean {
  const each = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  return each.length > 0 && each.every((pem) => holds(() => new X509Certificate(pem).raw.length > 0));
}

function belongsTo(certificate: string, key: Secret): boolean {
  return holds(() => new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key.reveal())));
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
