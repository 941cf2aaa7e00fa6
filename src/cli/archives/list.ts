import { Option, type Command } from 'commander';
import { loadConfig } from '../../config/load-config';
import { SHOWN_STATES, type ShownState } from '../../domain/states';
import { isDocumented } from '../../domain/statuses';
import type { LedgerEntry } from '../../ledger/ledger';
import { askLedger } from '../open';
import { configuredCommand, countArgument, chooseTenant, type TenantOptions } from '../options';
import { formatBytes, say, sayJson, table } from '../output';

interface ListOptions extends TenantOptions {
  readonly state?: ShownState;
  readonly limit: number;
}

export function listCommand(): Command {
  return configuredCommand('list', 'list archives, the latest change first', "only this tenant's")
    .addOption(
      new Option('--state <state>', 'only those in this state; `attention`: all that need a person').choices(
        SHOWN_STATES,
      ),
    )
    .option('--limit <n>', 'at most so many', countArgument, 100)
    .action(list);
}

async function list({ config: file, state, tenant, limit, json }: ListOptions): Promise<void> {
  const config = loadConfig(file);
  const filter = {
    limit,
    ...(state && { state }),
    ...(tenant !== undefined && { tenant: chooseTenant(config, tenant) }),
  };
  const entries = await askLedger(config, (ledger) => ledger.list(filter));
  if (json) for (const entry of entries) sayJson(viewOf(entry));
  else if (entries.length === 0) say('There are no such archives.');
  else say(table([['TENANT', 'ARCHIVE', 'STATE', 'SIZE', 'LOCATION'], ...entries.map(rowOf)]));
}

function rowOf(entry: LedgerEntry): string[] {
  const { tenant, archiveId, state, sizeBytes, location } = entry;
  const notes = notesOf(entry);
  return [
    tenant,
    archiveId,
    notes.length === 0 ? state : `${state} (${notes.join(', ')})`,
    sizeBytes === undefined ? '' : formatBytes(sizeBytes),
    location ?? '',
  ];
}

/** The notes beside the state of an archive. */
function notesOf({ attention, held, decided, warning }: LedgerEntry): string[] {
  return [
    ...(attention ? [attention.reason] : []),
    ...(warning === undefined ? [] : [warning]),
    ...(held ? [`held by ${held.by}`] : []),
    ...(decided ? [`${decided.decision} by ${decided.by}`] : []),
  ];
}

/** An entry in the JSON output. An undocumented status can be any text, so it is not shown. */
export function viewOf(entry: LedgerEntry): LedgerEntry {
  const { platformStatus: status } = entry;
  return status === undefined || isDocumented(status) ? entry : { ...entry, platformStatus: 'undocumented' };
}
