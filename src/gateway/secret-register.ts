import type { FastifyBaseLogger } from 'fastify';
import { errorCode } from '../domain/error-code';
import { ownerOf, type KnownSecret, type SecretOwner, type SecretSource } from './callback-secrets';
import { within } from './within';

/** All callback secrets that hold now. */
export interface SecretRegister {
  ownerOf(secret: string): Promise<SecretOwner | undefined>;
  close(): void;
}

/** Milliseconds after which the secrets that are kept elsewhere are read again. */
const REFRESH = 5_000;
/** Milliseconds between two readings because of a secret that is not known. */
const SOONEST = 1_000;
/** Milliseconds that a reading may take before it is done without. */
const DEADLINE = 500;

/**
 * The configured secrets, and those that are kept elsewhere: read again every few seconds, and when a secret comes that is not
 * known, since it may have been made a moment ago. Where they cannot be read, those that were read last hold.
 */
export function createSecretRegister(
  configured: readonly KnownSecret[],
  source: SecretSource | undefined,
  log: FastifyBaseLogger,
  refresh = REFRESH,
): SecretRegister {
  let known = configured;
  let reading: Promise<void> | undefined;
  let readAt = -Infinity;
  const timer = source && setInterval(() => void read(source), refresh).unref();

  return {
    async ownerOf(secret) {
      const owner = ownerOf(secret, known);
      if (owner !== undefined || source === undefined || performance.now() < readAt + SOONEST) return owner;
      await within(DEADLINE, read(source));
      return ownerOf(secret, known);
    },
    close: () => clearInterval(timer),
  };

  function read(from: SecretSource): Promise<void> {
    reading ??= from()
      .then(
        (kept) => void (known = [...configured, ...kept]),
        (error: unknown) => log.warn({ code: errorCode(error) }, 'The callback secrets cannot be read'),
      )
      .finally(() => {
        reading = undefined;
        readAt = performance.now();
      });
    return reading;
  }
}
