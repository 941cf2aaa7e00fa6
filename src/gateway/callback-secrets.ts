import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '../config/load-config';
import type { TenantId } from '../domain/ids';

/**
 * Tells whose callback secret a path holds. Hashes are compared, every one of them and in constant time, so that the
 * time of an answer says nothing about a secret.
 */
export function createSecretLookup(tenants: Config['tenants']): (secret: string) => TenantId | undefined {
  const known = [...tenants].flatMap(([tenant, { callbackSecrets }]) =>
    callbackSecrets.map((secret) => ({ tenant, digest: digestOf(secret.reveal()) })),
  );
  return (secret) => {
    const digest = digestOf(secret);
    const owners = known.map(({ tenant, digest: own }) =>
      timingSafeEqual(own, digest) ? tenant : undefined,
    );
    return owners.find((owner) => owner !== undefined);
  };
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
