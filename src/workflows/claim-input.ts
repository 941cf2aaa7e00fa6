import type { CarriedOver, ClaimInput } from '../domain/claim';
import { isArchiveId, isTenantId, type ArchiveKey } from '../domain/ids';
import { isAccountName } from '../domain/orders';
import { endWith } from './failure-type';

/** What a claim was started with, once it is known to be well-formed. */
export interface CheckedInput {
  readonly key: ArchiveKey;
  readonly abandonBy: string | undefined;
  readonly carried: CarriedOver | undefined;
}

/** @throws ApplicationFailure `InvalidInput` where somebody typed something else */
export function checked({ tenant, archiveId, abandonBy, carried }: ClaimInput): CheckedInput {
  if (isTenantId(tenant) && isArchiveId(archiveId) && (abandonBy === undefined || isAccountName(abandonBy))) {
    return { key: { tenant, archiveId }, abandonBy, carried };
  }
  throw endWith(
    'InvalidInput',
    'Expected {"tenant": "…", "archiveId": "…"} with identifiers of letters, digits, ".", "_" and "-"; "abandonBy" may be an account.',
  );
}
