import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '../config/load-config';
import type { TenantId } from '../domain/ids';
import { configuredSecretLabel, generationLabel } from '../domain/subscriptions';
import type { Ledger } from '../ledger/ledger';

/** A callback secret, as its SHA-256. */
export interface KnownSecret {
  readonly tenant: TenantId;
  readonly sha256: Uint8Array;
  /** Which of the tenant's secrets it is: a label that may be shown. */
  readonly generation: string;
}

/** Whose secret it is, and which. */
export type SecretOwner = Pick<KnownSecret, 'tenant' | 'generation'>;

/** Gives the secrets that are kept elsewhere than in the configuration. */
export type SecretSource = () => Promise<readonly KnownSecret[]>;

/** The secrets of the configuration. The generation tells their order there. */
export function configuredSecrets(tenants: Config['tenants']): readonly KnownSecret[] {
  return [...tenants].flatMap(([tenant, { callbackSecrets }]) =>
    callbackSecrets.map((secret, index) => ({
      tenant,
      sha256: sha256(secret.reveal()),
      generation: configuredSecretLabel(index),
    })),
  );
}

/** The secrets that Archivist made itself, from the ledger. */
export function keptSecrets(ledger: Ledger): SecretSource {
  return async () =>
    (await ledger.listCallbackSecrets()).map(({ tenant, generation, sha256: hex }) => ({
      tenant,
      sha256: Buffer.from(hex, 'hex'),
      generation: generationLabel(generation),
    }));
}

/**
 * Tells whose a secret is. Hashes are compared, every one of them and in constant time, so that the time of an answer says
 * nothing about a secret.
 */
export function ownerOf(secret: string, known: readonly KnownSecret[]): SecretOwner | undefined {
  const digest = sha256(secret);
  const matches = known.map((candidate) => timingSafeEqual(candidate.sha256, digest));
  return known[matches.indexOf(true)];
}

function sha256(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
