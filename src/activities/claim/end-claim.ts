import { log } from '@temporalio/activity';
import type { ClaimEnd } from '../../domain/claim';
import { ArchivistError, failureOf, type FailureType } from '../../domain/failures';
import { nameOf, type ArchiveKey } from '../../domain/ids';
import type { Dependencies } from '../dependencies';
import { fenceOf, isOwnEnd, orderId, STEPS } from '../fence';
import { giveOrder } from './orders';

/**
 * Records how a claim ended off its path. A cancellation and a passed deadline are orders: they stand from then on, and
 * are written even if no record was ever read.
 * @returns `extended` if the claim has not ended, because somebody has moved its deadline later
 * @throws ArchivistError `PlatformUnavailable` if a cancellation cannot be recorded yet; `FencedOff`
 */
export async function endClaim(
  dependencies: Dependencies,
  key: ArchiveKey,
  { kind, reason, deadlineAt }: ClaimEnd,
): Promise<'extended' | undefined> {
  if (kind === 'deadline') {
    const order = {
      kind,
      by: 'deadline',
      id: orderId(),
      ...(deadlineAt !== undefined && { deadlineAt }),
    } as const;
    // No person decided a deadline: if the archive was never shown, there is nothing to record.
    const { answer, deadlineAt: latest = 0 } = await giveOrder(dependencies, key, order);
    return answer === 'refused' && latest > (deadlineAt ?? 0) ? 'extended' : undefined;
  }
  if (kind === 'cancelled') {
    // Temporal does not say who cancelled the claim.
    const { answer } = await giveOrder(dependencies, key, { kind: 'cancel', by: 'temporal', id: orderId() });
    if (answer !== 'notRecorded') return undefined;
    throw new ArchivistError(
      'PlatformUnavailable',
      `That ${nameOf(key)} was cancelled is not recorded: the platform does not answer.`,
    );
  }
  const fence = fenceOf(STEPS.offThePath);
  // An archive that was never shown has no row, and needs none.
  const verdict = await dependencies.ledger.endClaim(key, fence, { state: kind, reason });
  if (verdict === 'fenced') await requireOwnEnd(dependencies, key);
  return undefined;
}

/**
 * Shows in the ledger that a person should look. For an archive that was never shown, which has no row, only the log and Temporal do.
 * @returns `ended` if this run has ended the claim meanwhile, as when another archive's claim told the platform
 * @throws ArchivistError `FencedOff`
 */
export async function needAttention(
  dependencies: Pick<Dependencies, 'ledger'>,
  key: ArchiveKey,
  reason: FailureType,
): Promise<'ended' | undefined> {
  const verdict = await dependencies.ledger.needAttention(key, fenceOf(STEPS.offThePath), reason);
  if (verdict === 'fenced') await requireOwnEnd(dependencies, key);
  if (verdict === 'unknown')
    log.warn('A claim without a row in the ledger needs a person', { ...key, reason });
  return verdict === 'fenced' ? 'ended' : undefined;
}

/** Returns if this run has ended the claim: nothing is left to write. @throws ArchivistError `FencedOff` if it has not */
async function requireOwnEnd({ ledger }: Pick<Dependencies, 'ledger'>, key: ArchiveKey): Promise<void> {
  const entry = await ledger.find(key);
  if (entry === undefined || !isOwnEnd(entry, fenceOf(STEPS.offThePath))) throw failureOf('FencedOff', key);
}
