import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../src/activities/create-activities';
import type { DownloadedCopy } from '../../src/domain/claim';
import type { ArchiveKey } from '../../src/domain/ids';
import { REPAIR_COPY } from '../../src/domain/sweep';
import { newRunId } from './actor';
import type { World } from './world';

const WEEK_MS = 7 * 24 * 60 * 60_000;
/** Attempts of a step before its workflow gives up; Temporal would go on. */
const MOST_ATTEMPTS = 4;
const MOST_ROUNDS = 3;

/**
 * What a claim's workflow does: its steps one after the other, each in attempts of which an earlier one may still be alive. One
 * that begins ends the run before it, as Temporal does: no attempt of that is scheduled any more, but those that are may go on.
 */
export async function claimRun(world: World, key: ArchiveKey, name: string): Promise<void> {
  const runId = newRunId();
  world.beginRun(key.archiveId, runId);
  await claimOnce(world, key, name, runId);
  world.endRun(key.archiveId, runId);
}

async function claimOnce(world: World, key: ArchiveKey, name: string, runId: string): Promise<void> {
  const step = <Name extends keyof Activities>(activity: Name, ...args: Parameters<Activities[Name]>) =>
    attempts(world, { runId }, `${name} ${activity}`, activity, ...args);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const found = await step('awaitAvailable', key, { deadlineAt: Date.now() + WEEK_MS });
    if (found === undefined || !['available', 'secured'].includes(found.outcome)) return;
    if (found.outcome === 'available') {
      const copy: DownloadedCopy | undefined = await step('downloadArchive', key, found.facts);
      if (copy === undefined) return;
      // A copy that failed its proof is downloaded again.
      if ((await step('verifyCopy', key, found.facts, copy)) === undefined) continue;
    }
    if ((await step('abandonArchive', key, {} as never)) !== undefined) return;
  }
}

/** What the repair of a damaged copy does. */
export async function repairRun(world: World, key: ArchiveKey): Promise<void> {
  const run = { runId: newRunId(), workflowType: REPAIR_COPY };
  const begun = await attempts(world, run, 'repair beginRepair', 'beginRepair', key);
  if (begun?.outcome !== 'repair') return;
  const copy = await attempts(world, run, 'repair downloadArchive', 'downloadArchive', key, begun.facts);
  if (copy !== undefined)
    await attempts(world, run, 'repair verifyCopy', 'verifyCopy', key, begun.facts, copy);
}

/** A step is attempted again after a failure, and after its attempt has shown nothing for too long, dead or not. */
async function attempts<Name extends keyof Activities>(
  world: World,
  run: { readonly runId: string; readonly workflowType?: string },
  who: string,
  name: Name,
  ...args: Parameters<Activities[Name]>
): Promise<Awaited<ReturnType<Activities[Name]>> | undefined> {
  const isOpen = (): boolean => !world.closedRuns.has(run.runId);
  for (let attempt = 1; attempt <= MOST_ATTEMPTS && isOpen(); attempt += 1) {
    const actor = world.actor(`${who}.${attempt}`);
    const answered = actor.attempt({ attempt, ...run }, name, ...args);
    answered.catch(() => undefined);
    try {
      const result = await Promise.race([answered, actor.timedOut]);
      if (result !== 'timedOut') return result;
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      world.failures.set(error.type ?? '', (world.failures.get(error.type ?? '') ?? 0) + 1);
      if (error.type === 'Unexpected')
        world.oracle.violations.push(`unexpected: ${error.message} ${error.stack}`);
      if (error.nonRetryable === true) return undefined;
    }
  }
  return undefined;
}
