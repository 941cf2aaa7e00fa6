import type { ExpiryPolicy } from '../domain/claim';
import type { WatchInput } from '../domain/expiry';
import { isArchiveId, isTenantId, type ArchiveKey } from '../domain/ids';
import { endWith } from './failure-type';

/** What a watch was started with, once it is known to be well-formed. */
interface CheckedWatch {
  readonly key: ArchiveKey;
  readonly expiry: ExpiryPolicy;
}

/** Without times everything is due at once: what is not yet so on the platform is waited for. */
const AT_ONCE: ExpiryPolicy = { recheckMs: 0, periodMs: 0 };

/** @throws ApplicationFailure `InvalidInput` where somebody typed something else */
export function checkedWatch({ tenant, archiveId, expiry = AT_ONCE }: WatchInput): CheckedWatch {
  const times = [expiry.recheckMs, expiry.periodMs];
  if (isTenantId(tenant) && isArchiveId(archiveId) && times.every((ms) => Number.isFinite(ms) && ms >= 0))
    return { key: { tenant, archiveId }, expiry };
  throw endWith(
    'InvalidInput',
    'Expected {"tenant": "…", "archiveId": "…"} with identifiers of letters, digits, ".", "_" and "-"; "expiry" may be {"recheckMs": …, "periodMs": …}.',
  );
}
