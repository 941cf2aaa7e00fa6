import type { Config } from '../config/load-config';
import type { Ledger } from '../ledger/ledger';
import type { PlatformOf } from '../platform/platform';
import type { ArchiveStore } from '../store/archive-store';
import type { ListReader } from './reconciliation/list-reader';

/** What activities work with; the worker composes it, tests give their own. */
export interface Dependencies {
  readonly platformOf: PlatformOf;
  readonly store: ArchiveStore;
  readonly ledger: Ledger;
  readonly settings: Config['claim'];
  readonly expiry: Config['expiry'];
  /** Reads platforms' lists for all who need one, one reading at a time for a tenant. */
  readonly lists: ListReader;
  /** Names this process in the audit trail of abandons; no secret. */
  readonly workerId: string;
}
