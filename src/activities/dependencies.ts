import type { Config } from '../config/load-config';
import type { ExpiryTerms, Ledger } from '../ledger/ledger';
import type { PlatformOf } from '../platform/create-platform';
import type { ArchiveStore } from '../store/archive-store';
import type { ListReader } from './reconciliation/list-reader';

/** What activities work with; the worker composes it, tests give their own. */
export interface Dependencies {
  readonly platformOf: PlatformOf;
  readonly store: ArchiveStore;
  readonly ledger: Ledger;
  readonly settings: Config['claim'];
  /** When what is due after the platform was told. */
  readonly expiry: ExpiryTerms;
  /** Reads platforms' lists for all who need one, one reading at a time for a tenant. */
  readonly lists: ListReader;
  /** Names this process in the audit trail of abandons; no secret. */
  readonly workerId: string;
  /** Spans of the abandon's protocol that are not the usual ones; tests use shorter ones. */
  readonly abandonTimes?: Partial<AbandonTimes>;
}

/** Spans of the abandon's protocol in milliseconds. */
export interface AbandonTimes {
  /** For how long after the intent the request may be sent, and the records are read. */
  readonly leaseMs: number;
  /** How long an answer is waited for before the records are read. */
  readonly answerMs: number;
  /** How old the latest fixity check of a member may be. */
  readonly fixityFreshMs: number;
  /** How long ago the list may have begun. */
  readonly listAgeMs: number;
}
