import type { Config } from '../config/load-config';
import type { ExpiryTerms, Ledger } from '../ledger/ledger';
import type { PlatformOf } from '../platform/create-platform';
import type { ArchiveStore } from '../store/archive-store';
import type { ListReader } from './reconciliation/list-reader';

/** The dependencies of the activities. The worker composes them; tests pass their own. */
export interface Dependencies {
  readonly platformOf: PlatformOf;
  readonly store: ArchiveStore;
  readonly ledger: Ledger;
  readonly settings: Config['claim'];
  /** When the recheck and the deletion are due after the platform was told. */
  readonly expiry: ExpiryTerms;
  /** Reads the platforms' lists for all callers, one reading at a time per tenant. */
  readonly lists: ListReader;
  /** Names this process in the audit trail of abandons; no secret. */
  readonly workerId: string;
  /** Overrides the usual spans of the abandon's protocol; tests use shorter ones. */
  readonly abandonTimes?: Partial<AbandonTimes>;
}

/** Spans of the abandon's protocol in milliseconds. */
export interface AbandonTimes {
  /** How long after the intent the request may be sent, and the records are read. */
  readonly leaseMs: number;
  /** How long the worker waits for an answer before it reads the records. */
  readonly answerMs: number;
  /** How old the latest fixity check of a member may be. */
  readonly fixityFreshMs: number;
  /** How long ago the list may have begun. */
  readonly listAgeMs: number;
}
