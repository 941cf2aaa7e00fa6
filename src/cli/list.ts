import { Option, type Command } from 'commander';
import { loadConfig, type Config } from '../config/load-config';
import { CLAIM_STATES, type ClaimState } from '../domain/states';
import { askLedger, withoutRecord, type KnownClaim } from './known-claims';
import { configuredCommand, countArgument, type CommonOptions } from './options';
import { formatBytes, say, sayJson, table } from './output';
import { chooseTenant } from './tenant-option';

interface ListOptions extends CommonOptions {
  readonly state?: ClaimState;
  readonly tenant?: string;
  readonly limit: number;
}

export function listCommand(): Command {
  return configuredCommand('list', 'list claims, the latest change first')
    .addOption(new Option('--state <state>', 'only those in this state').choices(CLAIM_STATES))
    .option('--tenant <name>', "only this tenant's")
    .option('--limit <n>', 'at most so many', countArgument, 100)
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const claims = await claimsFor(loadConfig(options.config), options);
  if (options.json) claims.forEach(sayJson);
  else if (claims.length === 0) say('There are no such claims.');
  else say(table([['TENANT', 'ARCHIVE', 'STATE', 'SIZE', 'LOCATION'], ...claims.map(rowOf)]));
}

async function claimsFor(config: Config, { state, tenant, limit }: ListOptions): Promise<KnownClaim[]> {
  const selection = {
    limit,
    ...(state && { state }),
    ...(tenant !== undefined && { tenant: chooseTenant(config, tenant) }),
  };
  return await askLedger(config, async (ledger) => (await ledger.list(selection)).map(withoutRecord));
}

function rowOf({ tenant, archiveId, state, attention, held, sizeBytes, location }: KnownClaim): string[] {
  const notes = [...(attention === undefined ? [] : [attention]), ...(held ? [`held by ${held.by}`] : [])];
  const size = sizeBytes === undefined ? '' : formatBytes(sizeBytes);
  return [
    tenant,
    archiveId,
    notes.length === 0 ? state : `${state} (${notes.join(', ')})`,
    size,
    location ?? '',
  ];
}
