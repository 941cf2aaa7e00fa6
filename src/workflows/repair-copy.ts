import {
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
} from '@temporalio/workflow';
import { ANNOUNCED } from '../domain/claim';
import { FAILURES, type FailureType } from '../domain/failures';
import { repairWorkflowId, type ArchiveKey } from '../domain/ids';
import type { RepairInput, RepairResult } from '../domain/sweep';
import { againFromTheRecord, failureTypeOf, handlingOfFailure, onItsOwn, unlessItFails } from './failures';
import { checkedArchive } from './input';
import { announced } from './messages';
import { isHistoryLong, publish, versioned } from './run';
import { step, URGENTLY } from './steps';

/** The pause after an attempt that needs a person: short, because the platform deletes its file within days. */
const PAUSE = '1 hour';

/** Events after which a repair continues as new. */
const LONG_HISTORY = 2_000;

setWorkflowOptions(versioned('AUTO_UPGRADE'), repairCopy);

/**
 * Replaces a secured copy that is damaged or gone: downloads the archive again, verifies and seals it, until the copy is good
 * or the platform no longer has the file. Meanwhile the archive shows `attention`.
 *
 * @throws ApplicationFailure of type `InvalidInput`
 */
export async function repairCopy(input: RepairInput): Promise<RepairResult> {
  const key = checkedArchive(input, repairWorkflowId);
  let wakes = 0;
  setHandler(announced, () => void (wakes += 1));
  // `secured` when the copy is good again; until then the archive needs a person.
  publish({ ...key, state: 'attention' });
  setCurrentDetails('The stored copy is damaged or gone. A worker downloads the archive again.');
  while (!isHistoryLong(LONG_HISTORY)) {
    const before = wakes;
    try {
      const outcome = await againFromTheRecord(() => repair(key));
      if (outcome === 'repaired' || outcome === 'whole') publish({ ...key, state: 'secured' });
      return { ...key, outcome };
    } catch (error) {
      const handling = handlingOfFailure(error);
      if (handling === undefined || handling === 'end') throw onItsOwn(error);
      await needPerson(key, failureTypeOf(error) ?? 'Unexpected');
      await condition(() => wakes > before, PAUSE, { summary: 'Pause before the next try' });
    }
  }
  return await continueAsNew<typeof repairCopy>(key);
}

async function repair(key: ArchiveKey): Promise<RepairResult['outcome']> {
  const begun = await step('beginRepair', 'Read the copy back, and look at the record', URGENTLY)(key);
  if (begun.outcome !== 'repair') return begun.outcome;
  const copy = await step('downloadArchive', 'Download the archive again', URGENTLY)(key, begun.facts);
  await step('verifyCopy', 'Read the copy back, compare it and seal it', URGENTLY)(key, begun.facts, copy);
  return 'repaired';
}

async function needPerson(key: ArchiveKey, reason: FailureType): Promise<void> {
  const { meaning, remedy } = FAILURES[reason];
  setCurrentDetails(
    `### attention\n**${reason}**: ${meaning} ${remedy}\n\nThe signal \`${ANNOUNCED}\` has it try again at once.`,
  );
  await unlessItFails(step('needAttention', `Needs a person: ${reason}`)(key, reason));
}
