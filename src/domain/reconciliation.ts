import type { FailureType } from './failures';
import type { TenantId } from './ids';

/** The name under which the workflow is registered; anyone may start it by hand. */
export const RECONCILE_TENANT = 'reconcileTenant';

/** The input of `reconcileTenant`, as it may be typed by hand. */
export interface ReconcileInput {
  readonly tenant: string;
}

/**
 * Why reconciliation starts a claim.
 *
 * - `missing`: AVAILABLE, and nobody announced it: a notification was lost
 * - `unfinished`: unknown here, and not yet AVAILABLE, FAILED or of a status that is not documented: no notification was due
 * - `rescued`: ABANDONED on the platform, without a secured copy here: it is deleted there soon
 * - `retried`: its claim failed, a day ago or longer
 * - `lost`: its claim should be under way and has not moved for an hour; Temporal knows of none
 */
export const REPAIRS = ['missing', 'unfinished', 'rescued', 'retried', 'lost'] as const;
export type Repair = (typeof REPAIRS)[number];

/** What one reconciliation did: counts, and nothing else. */
export interface ReconcileReport {
  readonly tenant: TenantId;
  /** Archives that the list gave. */
  readonly listed: number;
  /** Claims that were started. One that was under way already is not counted. */
  readonly started: Readonly<Record<Repair, number>>;
  /** Notifications from the ledger's inbox whose claims are started now. */
  readonly fromInbox: number;
  /** Archives that EXPIRED before there was a copy, and were not known as `missed` until now. */
  readonly missed: number;
  /** Claims that are left to the next time: there were too many, or Temporal did not take them. */
  readonly left: number;
  /** Archives whose claims failed as often as they are claimed again. */
  readonly givenUp: number;
  /** Archives that cannot be claimed: their ids are not fit to become a path. */
  readonly unusable: number;
  /** Why the list is not whole. Nothing was concluded from what it lacks. */
  readonly incomplete?: FailureType;
}
