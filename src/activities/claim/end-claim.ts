import type { ClaimEnd } from '../../domain/claim';
import { ArchivistError, type FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { Dependencies } from '../dependencies';
import { fencedOff, fenceOf, isOwnEnd, STEPS } from '../fence';
import { giveOrder } from './orders';

/** Who is said to have given an order that Temporal gave: a cancellation does not say whose it is. */
const BY = { cancelled: 'temporal', deadline: 'deadline' } as const;

/**
 * Writes how a claim ended off its path. That it was cancelled, or that its deadline passed, is an order: it stands from then on, and
 * is written even if no record was ever read.
 * @throws ArchivistError `PlatformUnavailable` if a cancellation cannot be recorded yet; `FencedOff`
 */
export function createEndClaim(dependencies: Dependencies) {
  const { ledger } = dependencies;
  return async function endClaim(key: ArchiveKey, { kind, reason }: ClaimEnd): Promise<void> {
    if (kind === 'cancelled' || kind === 'deadline') await order(key, kind);
    else await end(key, kind, reason);
  };

  async function order(key: ArchiveKey, kind: keyof typeof BY): Promise<void> {
    const given = { kind: kind === 'cancelled' ? 'cancel' : kind, by: BY[kind] } as const;
    const { answer } = await giveOrder(dependencies, key, given);
    // Nobody decided a deadline: of an archive that was never shown there is nothing to keep.
    if (answer !== 'notRecorded' || kind === 'deadline') return;
    throw new ArchivistError(
      'PlatformUnavailable',
      `That archive ${key.archiveId} of ${key.tenant} was cancelled is not recorded: the platform does not answer.`,
    );
  }

  async function end(key: ArchiveKey, state: 'failed' | 'missed', reason: FailureType): Promise<void> {
    const fence = fenceOf(STEPS.offThePath);
    // An archive that was never shown has no row, and needs none.
    if ((await ledger.endClaim(key, fence, { state, reason })) === 'fenced')
      await requireOwnEnd(dependencies, key);
  }
}

/** Shows in the ledger that a person should look. An archive that was never shown has no row to show it in. */
export function createNeedAttention(dependencies: Dependencies) {
  const { ledger } = dependencies;
  return async function needAttention(key: ArchiveKey, reason: FailureType): Promise<void> {
    const verdict = await ledger.needAttention(key, fenceOf(STEPS.offThePath), reason);
    if (verdict === 'fenced') await requireOwnEnd(dependencies, key);
  };
}

/** The claim has ended, and nothing is left to write. @throws ArchivistError `FencedOff` if somebody else has the row */
async function requireOwnEnd({ ledger }: Pick<Dependencies, 'ledger'>, key: ArchiveKey): Promise<void> {
  const entry = await ledger.find(key);
  if (entry === undefined || !isOwnEnd(entry, fenceOf(STEPS.offThePath))) throw fencedOff(key);
}
