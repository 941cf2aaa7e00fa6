import type { FailureType } from '../domain/failures';
import type { TenantId } from '../domain/ids';
import type { ReconcileReport, Repair } from '../domain/reconciliation';

/** What a reconciliation has done so far. */
export class Tally {
  listed = 0;
  fromInbox = 0;
  missed = 0;
  left = 0;
  givenUp = 0;
  unusable = 0;
  incomplete: FailureType | undefined;
  readonly started: Record<Repair, number> = { missing: 0, unfinished: 0, rescued: 0, retried: 0, lost: 0 };

  report(tenant: TenantId): ReconcileReport {
    const { listed, started, fromInbox, missed, left, givenUp, unusable, incomplete } = this;
    const counts = { listed, started: { ...started }, fromInbox, missed, left, givenUp, unusable };
    return { tenant, ...counts, ...(incomplete !== undefined && { incomplete }) };
  }
}
