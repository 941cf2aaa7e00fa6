import type { Command } from 'commander';
import { loadConfig } from '../config/load-config';
import { claimWorkflowId } from '../domain/ids';
import { startAbandon } from '../temporal/start-claim';
import { showOutcome } from './claim-outcome';
import { configuredCommand } from './options';
import { byOption, giver, type OrderOptions } from './order-options';
import { say, sayJson } from './output';
import { archiveArgument, chooseTenant } from './tenant-option';
import { promptly, withTemporal } from './with-temporal';

interface AbandonOptions extends OrderOptions {
  readonly wait?: boolean;
}

export function abandonCommand(): Command {
  return configuredCommand('abandon', 'have archives abandoned that copy-only mode has secured')
    .argument('<id...>', 'archive ids')
    .option('--tenant <name>', 'whose archives they are; needed where several tenants are configured')
    .addOption(byOption())
    .option('--wait', 'wait until they are abandoned; fail where one is not')
    .action(abandon);
}

async function abandon(ids: readonly string[], options: AbandonOptions): Promise<void> {
  const { config: file, tenant: named, json, wait } = options;
  const tenant = chooseTenant(loadConfig(file), named);
  const by = giver(options.by);
  const keys = ids.map((id) => ({ tenant, archiveId: archiveArgument(id) }));
  await withTemporal(async (client) => {
    const running: string[] = [];
    for (const key of keys) {
      const status = await promptly(client, () => startAbandon(client, key, by));
      if (status === 'running') running.push(key.archiveId);
      if (json) sayJson({ ...key, status, by, workflowId: claimWorkflowId(key) });
      else say(`${key.archiveId}  ${status}`);
    }
    if (running.length > 0) {
      throw new Error(`Being claimed, and not to be abandoned before that has ended: ${running.join(', ')}.`);
    }
    if (wait) for (const key of keys) await showOutcome(client, key, json);
  });
}
