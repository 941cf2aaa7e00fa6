import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Command } from 'commander';
import { loadConfig } from '../config/load-config';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';
import { announce, startClaim } from '../temporal/start-claim';
import { showOutcome } from './claim-outcome';
import { configuredCommand, type CommonOptions } from './options';
import { say, sayJson } from './output';
import { archiveArgument, chooseTenant } from './tenant-option';
import { promptly, withTemporal } from './with-temporal';

interface ClaimOptions extends CommonOptions {
  readonly tenant?: string;
  readonly wait?: boolean;
}

export function claimCommand(): Command {
  return configuredCommand('claim', 'claim archives by hand; wakes those that are being claimed already')
    .argument('<id...>', 'archive ids')
    .option('--tenant <name>', 'whose archives they are; needed where several tenants are configured')
    .option('--wait', 'wait until they are claimed; fail where one is not')
    .action(claim);
}

async function claim(
  ids: readonly string[],
  { config: file, tenant: named, wait, json }: ClaimOptions,
): Promise<void> {
  const tenant = chooseTenant(loadConfig(file), named);
  const keys = ids.map((id) => ({ tenant, archiveId: archiveArgument(id) }));
  await withTemporal(async (client) => {
    for (const key of keys) {
      const status = await promptly(client, () => begin(client, key));
      if (json) sayJson({ ...key, status, workflowId: claimWorkflowId(key) });
      else say(`${key.archiveId}  ${status}`);
    }
    if (wait) for (const key of keys) await showOutcome(client, key, json);
  });
}

async function begin(client: Client, key: ArchiveKey): Promise<'started' | 'duplicate'> {
  const status = await startClaim(client, key);
  if (status === 'duplicate') await wake(client, key);
  return status;
}

async function wake(client: Client, key: ArchiveKey): Promise<void> {
  try {
    await announce(client, key);
  } catch (error) {
    // It ended before, with success.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
