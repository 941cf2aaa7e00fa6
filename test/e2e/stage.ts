import { Client, Connection } from '@temporalio/client';
import { claimWorkflowId, expiryWorkflowId, parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes';
import type { DevServerOptions } from '../../src/embedded/temporal-dev-server';
import { startClaim } from '../../src/temporal/start-claim';
import type { claimArchive, watchExpiry } from '../../src/workflows';
import { killProcesses } from '../support/processes';
import { startTemporal } from '../support/temporal';
import { openSite, TENANT, type Site, type SiteOptions } from './site';

/** A site and a Temporal server that outlives the processes of Archivist. */
export interface Stage extends Site {
  readonly client: Client;
}

/** @param searchAttributes those that Temporal has from the start; all that Archivist needs where they are not given */
export async function setStage(
  options: SiteOptions = {},
  searchAttributes: NonNullable<DevServerOptions['searchAttributes']> = SEARCH_ATTRIBUTES,
): Promise<Stage> {
  const temporal = await startTemporal({ searchAttributes });
  try {
    const connection = await Connection.connect({ address: temporal.address });
    const site = await openSite({ ...options, env: { ...options.env, TEMPORAL_ADDRESS: temporal.address } });
    return {
      ...site,
      client: new Client({ connection }),
      close: async () => {
        await site.close();
        await connection.close();
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
export function claimOf({ client }: Pick<Stage, 'client'>, archiveId: string) {
  const key = { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(archiveId) };
  return client.workflow.getHandle<typeof claimArchive>(claimWorkflowId(key));
}

/** The watch over an archive, whether it has begun or not. */
export function watchOf({ client }: Pick<Stage, 'client'>, archiveId: string) {
  const key = { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(archiveId) };
  return client.workflow.getHandle<typeof watchExpiry>(expiryWorkflowId(key));
}

/** What a notification of the archive does. */
export async function beginClaim({ client }: Pick<Stage, 'client'>, archiveId: string): Promise<void> {
  await startClaim(client, { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(archiveId) });
}
