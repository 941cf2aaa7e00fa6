import type { FailureType } from './failures';
import type { TenantId } from './ids';

/** The name under which the workflow is registered; anyone may start it by hand. */
export const RECONCILE_TENANT = 'reconcileTenant';

/** The input of `reconcileTenant`, as it may be typed by hand. */
export interface ReconcileInput {
  readonly tenant: string;
}

/** What one reading of the platform's list did: counts, and nothing else. */
export interface ReconcileReport {
  readonly tenant: TenantId;
  /** Archives that the list gave. */
  readonly listed: number;
  /** Rows that were written since the list showed something new. */
  readonly changed: number;
  /** Archives that were queued, since the platform has them and nothing here is under way. */
  readonly queued: number;
  /** Archives that EXPIRED before anybody here knew of them. */
  readonly missed: number;
  /** Archives that cannot be claimed: their ids are not fit to become a path. */
  readonly unusable: number;
  /** Why the list is not whole. Nothing was concluded from what it lacks. */
  readonly incomplete?: FailureType;
}

/** The result of `reconcileTenant`. */
export interface ReconcileResult extends ReconcileReport {
  /** When the delivery reports were looked at last, ISO 8601; absent if that never succeeded. */
  readonly deliveriesSeenAt?: string;
}
