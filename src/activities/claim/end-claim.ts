import type { ClaimEnd } from '../../domain/claim';
import { ArchivistError, failureOf, type FailureType } from '../../domain/failures';
import { nameOf, type ArchiveKey } from '../../domain/ids';
import type { Dependencies } from '../dependencies';
import { fenceOf, isOwnEnd, STEPS } from '../fence';
import { giveOrder } from './orders';

/** Who is said to have given an order that Temporal gave: a cancellation does not say whose it is. */
const BY = { cancelled: 'temporal', deadline: 'deadline' } as const;

/**
 * Writes how a claim ended off its path. That it was cancelled, or that its deadline passed, is an order: it stands from then on, and
 * is written even if no record was ever read.
 * @throws ArchivistError `PlatformUnavailable` if a cancellation cannot be recorded yet; `FencedOff`
 */
export async function endClaim(
  dependencies: Dependencies,
  key: ArchiveKey,
  { kind, reason }: ClaimEnd,
): Promise<void> {
  if (kind === 'cancelled' || kind === 'deadline') {
    const given = { kind: kind === 'cancelled' ? 'cancel' : kind, by: BY[kind] } as const;
    const { answer } = await giveOrder(dependencies, key, given);
    // Nobody decided a deadline: of an archive that was never shown there is nothing to keep.
    if (answer !== 'notRecorded' || kind === 'deadline') return;
    throw new ArchivistError(
      'PlatformUnavailable',
      `That ${nameOf(key)} was cancelled is not recorded: the platform does not answer.`,
    );
  }
  const fence = fenceOf(STEPS.offThePath);
  // An archive that was never shown has no row, and needs none.
  const verdict = await dependencies.ledger.endClaim(key, fence, { state: kind, reason });
  if (verdict === 'fenced') await requireOwnEnd(dependencies, key);
}

/** Shows in the ledger that a person should look. An archive that was never shown has no row to show it in. */
export async function needAttention(
  dependencies: Pick<Dependencies, 'ledger'>,
  key: ArchiveKey,
  reason: FailureType,
): Promise<void> {
  const verdict = await dependencies.ledger.needAttention(key, fenceOf(STEPS.offThePath), reason);
  if (verdict === 'fenced') await requireOwnEnd(dependencies, key);
}

/** The claim has ended, and nothing is left to write. @throws ArchivistError `FencedOff` if somebody else has the row */
async function requireOwnEnd({ ledger }: Pick<Dependencies, 'ledger'>, key: ArchiveKey): Promise<void> {
  const entry = await ledger.find(key);
  if (entry === undefined || !isOwnEnd(entry, fenceOf(STEPS.offThePath))) throw failureOf('FencedOff', key);
}
