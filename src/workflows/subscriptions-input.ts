import { isTenantId, type TenantId } from '../domain/ids';
import { USUAL_PACE, type RotationPace, type SubscriptionsInput } from '../domain/subscriptions';
import { endWith } from './failure-type';

/** What a workflow of subscriptions was started with, once it is known to be well-formed. */
interface CheckedSubscriptions {
  readonly tenant: TenantId;
  readonly pace: RotationPace;
}

/** @throws ApplicationFailure `InvalidInput` where somebody typed something else */
export function checkedSubscriptions({ tenant, pace: given = {} }: SubscriptionsInput): CheckedSubscriptions {
  const pace = { ...USUAL_PACE, ...given };
  const waits = [pace.spreadMs, pace.overlapMs, pace.drainMs];
  if (isTenantId(tenant) && waits.every((ms) => Number.isFinite(ms) && ms >= 0)) return { tenant, pace };
  throw endWith(
    'InvalidInput',
    'Expected {"tenant": "…"}; "pace" may be {"spreadMs": …, "overlapMs": …, "drainMs": …}.',
  );
}
