import { ArchivistError } from '../domain/failures';
import { isTenantId, type TenantId } from '../domain/ids';
import { nameFailures } from './name-failures';

/** An activity about a whole tenant. Validates its name: it decides on URLs and messages, and Temporal takes inputs from anybody. */
export function forTenant<Args extends readonly unknown[], Result>(
  activity: (tenant: TenantId, ...args: Args) => Promise<Result>,
) {
  return nameFailures((tenant: TenantId, ...args: Args) => {
    if (isTenantId(tenant)) return activity(tenant, ...args);
    throw new ArchivistError('InvalidInput', 'The activity was not given a tenant of the right form.');
  });
}
