import type { Config } from '../config/load-config';
import type { Ledger } from '../ledger/ledger';
import type { PlatformOf } from '../platform/platform';
import type { ArchiveStore } from '../store/archive-store';
import type { Claims } from './claims';

/** What activities work with; the worker composes it, tests give their own. */
export interface Dependencies {
  readonly platformOf: PlatformOf;
  readonly store: ArchiveStore;
  readonly ledger: Ledger;
  readonly settings: Config['claim'];
  readonly expiry: Config['expiry'];
  readonly claims: Claims;
}
