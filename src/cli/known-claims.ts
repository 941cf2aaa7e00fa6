import type { Config } from '../config/load-config';
import type { ArchiveKey } from '../domain/ids';
import type { Ledger, LedgerEntry } from '../ledger/ledger';
import { openLedger } from './prepare';

/** An archive as commands show it: what the ledger knows, without the record. */
export interface KnownClaim {
  readonly tenant: string;
  readonly archiveId: string;
  readonly state: string;
  readonly conferenceId?: string;
  readonly sizeBytes?: number;
  readonly sha256?: string;
  readonly location?: string;
  readonly securedAt?: Date;
  readonly abandonedAt?: Date;
  readonly expiredAt?: Date;
  readonly lastVerifiedAt?: Date;
  readonly attention?: string;
  readonly held?: { readonly by: string; readonly since: Date | string };
  readonly updatedAt?: Date;
}

/** Opens the ledger for one question. @throws ArchivistError `LedgerUnavailable` */
export async function askLedger<Answer>(
  config: Config,
  ask: (ledger: Ledger) => Promise<Answer>,
): Promise<Answer> {
  const ledger = await openLedger(config);
  try {
    return await ask(ledger);
  } finally {
    await ledger.close();
  }
}

export function findClaim(config: Config, key: ArchiveKey): Promise<KnownClaim | undefined> {
  return askLedger(config, async (ledger) => {
    const entry = await ledger.find(key);
    return entry && withoutRecord(entry);
  });
}

export function withoutRecord(entry: LedgerEntry): KnownClaim {
  const {
    tenant,
    archiveId,
    state,
    conferenceId,
    sizeBytes,
    sha256,
    location,
    securedAt,
    abandonedAt,
    expiredAt,
    lastVerifiedAt,
    attention,
    held,
    updatedAt,
  } = entry;
  return {
    tenant,
    archiveId,
    state,
    updatedAt,
    ...(conferenceId !== undefined && { conferenceId }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(sha256 !== undefined && { sha256 }),
    ...(location !== undefined && { location }),
    ...(securedAt !== undefined && { securedAt }),
    ...(abandonedAt !== undefined && { abandonedAt }),
    ...(expiredAt !== undefined && { expiredAt }),
    ...(lastVerifiedAt !== undefined && { lastVerifiedAt }),
    ...(attention !== undefined && { attention }),
    ...(held !== undefined && { held }),
  };
}
