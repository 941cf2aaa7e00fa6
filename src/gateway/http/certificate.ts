import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { FastifyBaseLogger } from 'fastify';
import { errorCode } from '../../domain/error-code';

/** Paths of PEM files: the certificate with its chain, and its private key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Milliseconds between two looks at the files. */
const INTERVAL = 5_000;

/** @throws Error that names the files, if they cannot be read or do not belong together */
export function openCertificate(files: CertificateFiles): Certificate {
  try {
    const certificate = read(files);
    createSecureContext(certificate);
    return certificate;
  } catch (error) {
    throw new Error(
      `The certificate in ${files.cert} with the key in ${files.key} cannot be used (${errorCode(error)}); expected two PEM files that belong together.`,
      { cause: error },
    );
  }
}

/**
 * Makes a server use the files' new content when they change; open connections keep their certificate. It polls the files
 * rather than watching them, because tools that renew certificates replace them, or a link to their folder. While they do
 * not match, or cannot be read, the last valid pair stays in use.
 *
 * @returns a function that ends the polling
 */
export function renewCertificate(
  server: Pick<Server, 'setSecureContext'>,
  files: CertificateFiles,
  used: Certificate,
  log: FastifyBaseLogger,
  interval = INTERVAL,
): () => void {
  let seen = used;
  let problem: string | undefined;
  const timer = setInterval(look, interval).unref();
  return () => clearInterval(timer);

  function look(): void {
    try {
      const found = read(files);
      if (found.cert.equals(seen.cert) && found.key.equals(seen.key)) return;
      server.setSecureContext({ ...found, ...TLS_SETTINGS });
      seen = found;
      problem = undefined;
      log.info('The certificate was renewed');
    } catch (error) {
      const code = errorCode(error);
      if (code !== problem) log.error({ code }, 'The new certificate cannot be used; the old one holds');
      problem = code;
    }
  }
}

/** Settings that each `setSecureContext` needs again: it discards the earlier ones. */
export const TLS_SETTINGS = { minVersion: 'TLSv1.2' } as const;

function read({ cert, key }: CertificateFiles): Certificate {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
