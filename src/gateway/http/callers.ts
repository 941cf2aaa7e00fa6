import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import { withTimeout } from '../../claims/with-timeout';
import type { Config } from '../../config/load-config';
import { createAddressFilter } from '../../config/web-address';
import { errorCode } from '../../domain/error-code';
import type { TenantId } from '../../domain/ids';
import { configuredSecretLabel, generationLabel } from '../../domain/subscriptions';
import type { Ledger } from '../../ledger/ledger';

/** A callback secret, as its SHA-256. */
interface KnownSecret {
  readonly tenant: TenantId;
  readonly sha256: Uint8Array;
  /** Which of the tenant's secrets it is: a label that may be shown. */
  readonly generation: string;
}

/** The tenant of a secret, and the secret's label. */
export type SecretOwner = Pick<KnownSecret, 'tenant' | 'generation'>;

/** Milliseconds after which the ledger is read again. */
const REFRESH = 5_000;
/** Milliseconds between two readings that unknown secrets cause. */
const SOONEST = 1_000;
/** Milliseconds that a request waits for a reading, and that the gateway waits for the first one before it listens. */
const READ_TIMEOUT = 500;
const READY_TIMEOUT = 3_000;

/** Identifies callers by their secrets. */
export type Callers = ReturnType<typeof createCallers>;

/**
 * Knows the configured secrets, and from the ledger those that Archivist made. It reads both again every few seconds, and when a
 * request has an unknown secret, because the secret may be new. If the ledger cannot be read, its secrets that were read last stay
 * valid.
 */
export function createCallers(
  tenants: Config['tenants'],
  ledger: Pick<Ledger, 'listCallbackSecrets'>,
  log: FastifyBaseLogger,
  refresh = REFRESH,
) {
  const filters = new Map(
    [...tenants].map(([tenant, { allowedSources }]) => [
      tenant,
      allowedSources.length === 0 ? () => true : createAddressFilter(allowedSources),
    ]),
  );
  let kept: readonly KnownSecret[] = [];
  let known = configuredSecrets(tenants);
  let reading: Promise<void> | undefined;
  let readAt = -Infinity;
  let isRead = false;
  const timer = setInterval(() => void read(), refresh).unref();
  return {
    identify,
    ready: () => withTimeout(READY_TIMEOUT, read()),
    close: (): void => clearInterval(timer),
  };

  /**
   * Identifies a caller: the owner of the secret, or why the call is refused. A secret counts if its tenant is configured, and if the
   * call comes from an address that is allowed for that tenant. Both refusals look the same from outside. Until the ledger was read
   * once, the gateway cannot know that a secret is unknown: it asks the platform to retry.
   */
  async function identify(
    secret: string,
    source: string,
  ): Promise<SecretOwner | 'unknownSecret' | 'foreignSource' | 'unavailable'> {
    let owner = ownerOf(secret, known);
    if (owner === undefined && performance.now() >= readAt + SOONEST) {
      await withTimeout(READ_TIMEOUT, read());
      owner = ownerOf(secret, known);
    }
    const isAllowed = owner && filters.get(owner.tenant);
    if (owner === undefined || isAllowed === undefined) return isRead ? 'unknownSecret' : 'unavailable';
    return isAllowed(source) ? owner : 'foreignSource';
  }

  function read(): Promise<void> {
    reading ??= ledger
      .listCallbackSecrets()
      .then((secrets) => {
        kept = secrets.map(({ tenant, generation, sha256: hex }) => ({
          tenant,
          sha256: Buffer.from(hex, 'hex'),
          generation: generationLabel(generation),
        }));
        isRead = true;
      })
      .catch((error: unknown) => log.warn({ code: errorCode(error) }, 'The callback secrets cannot be read'))
      .finally(() => {
        known = [...configuredSecrets(tenants), ...kept];
        reading = undefined;
        readAt = performance.now();
      });
    return reading;
  }
}

/** The secrets of the configuration. The generation of each shows its position there. */
function configuredSecrets(tenants: Config['tenants']): readonly KnownSecret[] {
  return [...tenants].flatMap(([tenant, { callbackSecrets }]) =>
    callbackSecrets.map((secret, index) => ({
      tenant,
      sha256: sha256(secret.reveal()),
      generation: configuredSecretLabel(index),
    })),
  );
}

/**
 * Finds the owner of a secret. All hashes are compared, each in constant time, so that the time of an answer says nothing
 * about a secret.
 */
function ownerOf(secret: string, known: readonly KnownSecret[]): SecretOwner | undefined {
  const digest = sha256(secret);
  const matches = known.map((candidate) => timingSafeEqual(candidate.sha256, digest));
  return known[matches.indexOf(true)];
}

function sha256(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
