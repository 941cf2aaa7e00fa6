import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimPolicy } from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import type { Hold } from '../domain/orders';
import type { Dependencies } from './dependencies';
import { holdIn } from './hold-in';

/** Milliseconds that the ledger is given. A local activity that is retried leaves traces in the history. */
const PATIENCE = 1_000;

/**
 * Gives a beginning claim what the configuration says, so that the claim keeps it however the configuration changes; and the
 * hold of an earlier claim. Where the ledger does not answer, `abandonArchive` will refuse all the same while there is one.
 */
export function createReadClaimPolicy({ ledger, settings, expiry }: Dependencies) {
  return async function readClaimPolicy(key: ArchiveKey): Promise<ClaimPolicy> {
    const held = await Promise.race([holdOf(key), sleep(PATIENCE, undefined, { ref: false })]);
    return {
      deadlineMs: settings.deadline,
      abandon: settings.abandon,
      expiry: { recheckMs: expiry.recheck, periodMs: expiry.period },
      ...(held && { held }),
    };
  };

  async function holdOf(key: ArchiveKey): Promise<Hold | undefined> {
    try {
      return holdIn(await ledger.find(key));
    } catch {
      return undefined;
    }
  }
}
