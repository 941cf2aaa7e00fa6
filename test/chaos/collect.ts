import type { ClaimRun, Evidence } from './checker/evidence';
import { readEvents, readRows } from './checker/read-ledger';
import { readArchives, readJournal } from './checker/read-platform';
import type { People } from './people';
import type { PlannedArchive } from './plan/planned';
import { TENANT } from './site/platform';
import type { Site } from './site/site';

/** Gathers what the checker judges by. To be called when Archivist's processes have ended. */
export async function collect(
  site: Site,
  planned: readonly PlannedArchive[],
  people: People,
): Promise<Evidence> {
  const journal = await readJournal(site.platform.url);
  return {
    tenant: TENANT,
    store: site.store,
    journal,
    archives: await readArchives(site.platform.url, journal),
    claims: await claimsOf(site),
    holds: people.holds,
    givenUp: people.givenUp,
    exceptions: new Map(
      planned.flatMap((archive) => {
        const exception = people.exceptionOf(archive);
        return exception ? [[archive.archiveId, exception] as const] : [];
      }),
    ),
    ...(await site.ledger.read(async (database) => ({
      rows: await readRows(database),
      events: await readEvents(database),
    }))),
  };
}

async function claimsOf({ temporal }: Site): Promise<readonly ClaimRun[]> {
  const prefix = `claim:${TENANT}:`;
  const claims: ClaimRun[] = [];
  for await (const { workflowId, runId, status } of temporal.workflow.list()) {
    if (!workflowId.startsWith(prefix)) continue;
    claims.push({
      archiveId: workflowId.slice(prefix.length),
      runId,
      completed: status.name === 'COMPLETED',
    });
  }
  return claims;
}
