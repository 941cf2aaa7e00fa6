import type { Config } from '../config/load-config';
import { createAddressFilter } from '../config/web-address';
import type { Refusal } from './answers';
import type { SecretOwner } from './callback-secrets';
import type { SecretRegister } from './secret-register';

/** Who calls: the owner of the secret, or why the call is refused. Both refusals look the same from outside. */
export type Identify = (
  secret: string,
  source: string,
) => Promise<SecretOwner | Extract<Refusal, 'unknownSecret' | 'foreignSource'>>;

/** A secret counts for a tenant of the configuration, and from where that tenant's platform may call from. */
export function createIdentification(tenants: Config['tenants'], secrets: SecretRegister): Identify {
  const filters = new Map(
    [...tenants].map(([tenant, { allowedSources }]) => [
      tenant,
      allowedSources.length === 0 ? () => true : createAddressFilter(allowedSources),
    ]),
  );
  return async (secret, source) => {
    const owner = await secrets.ownerOf(secret);
    const isAllowed = owner && filters.get(owner.tenant);
    if (!isAllowed) return 'unknownSecret';
    return isAllowed(source) ? owner : 'foreignSource';
  };
}
