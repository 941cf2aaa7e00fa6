import { setTimeout as pause } from 'node:timers/promises';
import { freeOrphans } from './free-orphans';
import type { Operator } from './operator';
import type { PlannedArchive } from './plan/planned';
import type { Site } from './site/site';

/** How long the platform still misbehaves after the last kill: much of the work had to wait for that. */
const FAULTS_LAST_MS = 15_000;
const PAUSE_MS = 2_000;
const LONGEST_MS = 10 * 60_000;
const TELL_EVERY_MS = 15_000;
const MOST_NAMES = 5;

/**
 * Lets everything come to its end: everything runs, after a while there are no more faults, and connections that hang are cut
 * once. Archivist gets no other help than an operator's, unless there is a hurry.
 *
 * @returns what did not end in time, and where it is
 */
export async function drain(
  site: Site,
  operator: Operator,
  archives: readonly PlannedArchive[],
  hurry: boolean,
  tell: (line: string) => void,
): Promise<ReadonlyMap<PlannedArchive, string>> {
  await pause(FAULTS_LAST_MS);
  // Those of single archives last: some make it impossible to claim.
  await site.platform.simulator.setFaults([]);
  site.links.platform.cut(1);
  const begun = Date.now();
  let told = begun;
  for (;;) {
    const open = await operator.round(archives).catch((error: unknown) => {
      tell(`  the operator failed: ${error instanceof Error ? error.message : 'without a word'}`);
      return new Map(archives.map((archive) => [archive, 'not looked at'] as const));
    });
    const isLate = Date.now() - begun > LONGEST_MS;
    if (isLate || (open.size === 0 && (await areCopiesWhole(site, tell)))) return open;
    if (hurry) await freeOrphans(site, open.keys()).catch(() => undefined);
    if (Date.now() - told >= TELL_EVERY_MS) {
      told = Date.now();
      const names = [...open.keys()].map(({ archiveId }) => archiveId).slice(0, MOST_NAMES);
      tell(`  ${open.size} of ${archives.length} archives are not at their end yet: ${names.join(', ')}`);
    }
    await pause(PAUSE_MS);
  }
}

/** Reads all copies back by the command, which has the sweep repair those that are damaged; wakes repairs that need a person. */
async function areCopiesWhole({ run, temporal }: Site, tell: (line: string) => void): Promise<boolean> {
  const { ok, output } = await run('verify', '--all', '--json');
  if (ok) return true;
  tell(`  verify --all: ${output.trim().split('\n').at(-1) ?? ''}`);
  const query = "WorkflowType = 'repairCopy' AND ExecutionStatus = 'Running'";
  for await (const { workflowId } of temporal.workflow.list({ query }))
    await temporal.workflow
      .getHandle(workflowId)
      .signal('announced')
      // It has ended meanwhile.
      .catch(() => undefined);
  return false;
}
