import type { FailureType } from './failures';
import type { TenantId } from './ids';

/** The name under which the workflow is registered; anyone may start it by hand. */
export const RECONCILE_TENANT = 'reconcileTenant';

/** The input of `reconcileTenant`, as it may be typed by hand. */
export interface ReconcileInput {
  readonly tenant: string;
}

/** The counts of one reading of the platform's list, and why it is not whole. */
export interface ReconcileReport {
  readonly tenant: TenantId;
  /** Archives in the list. */
  readonly listed: number;
  /** Rows that were written because the list showed something new. */
  readonly changed: number;
  /** Archives that were queued, because the platform has them and no claim is under way here. */
  readonly queued: number;
  /** Archives that EXPIRED before anybody here knew of them. */
  readonly missed: number;
  /** Archives that cannot be claimed, because their ids cannot be used as paths. */
  readonly unusable: number;
  /** Why the list is not whole. The absence of an archive means nothing. */
  readonly incomplete?: FailureType;
  /** The message of that failure. */
  readonly problem?: string;
}

/** The result of `reconcileTenant`. */
export interface ReconcileResult extends ReconcileReport {
  /** When the delivery reports were looked at last, ISO 8601; absent if that never succeeded. */
  readonly deliveriesSeenAt?: string;
}
