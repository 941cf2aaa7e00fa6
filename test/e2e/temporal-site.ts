import type { Client } from '@temporalio/client';
import { startOrWake } from '../../src/claims/start-or-wake';
import { claimWorkflowId, parseArchiveId, parseTenantId } from '../../src/domain/ids';
import type { claimArchive } from '../../src/workflows';
import { killProcesses } from '../support/processes';
import { testTemporal } from '../support/temporal';
import { openSite, TENANT, type Site, type SiteOptions } from './site';

/** A site and a namespace of the tests' Temporal, which outlives the processes of Archivist. */
export interface TemporalSite extends Site {
  readonly client: Client;
}

export interface TemporalSiteOptions extends SiteOptions {
  /** Whether the namespace has Archivist's search attributes from the start; it has if absent. */
  readonly hasSearchAttributes?: boolean;
}

export async function openTemporalSite({
  hasSearchAttributes,
  ...options
}: TemporalSiteOptions = {}): Promise<TemporalSite> {
  const temporal = await testTemporal(hasSearchAttributes);
  try {
    const env = {
      ...options.env,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    };
    const site = await openSite({ ...options, env });
    return {
      ...site,
      client: temporal.client,
      close: async () => {
        await site.close();
        await temporal.close();
      },
    };
  } catch (error) {
    await killProcesses();
    await temporal.close();
    throw error;
  }
}

/** The claim of an archive, whether it has begun or not. */
export function claimOf({ client }: Pick<TemporalSite, 'client'>, archiveId: string) {
  return client.workflow.getHandle<typeof claimArchive>(claimWorkflowId(keyOf(archiveId)));
}

/** Starts a claim without a gateway, as a gateway does if its ledger is silent. */
export async function beginClaim({ client }: Pick<TemporalSite, 'client'>, archiveId: string): Promise<void> {
  const row = { ...keyOf(archiveId), origin: 'hint', attempts: 1 } as const;
  const outcome = await startOrWake(client, row, { deadlineMs: 600_000, timeoutMs: 10_000 });
  if (outcome !== 'started') throw new Error(`The claim of ${archiveId} was not started: ${outcome}.`);
}

function keyOf(archiveId: string) {
  return { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(archiveId) };
}
