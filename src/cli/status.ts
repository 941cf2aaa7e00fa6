import type { Command } from 'commander';
import { loadConfig, type Config } from '../config/load-config';
import { CLAIM_STATES } from '../domain/states';
import { viewClaim, type ClaimView } from '../temporal/claim-view';
import { askLedger, findClaim, type KnownClaim } from './known-claims';
import { configuredCommand, type CommonOptions } from './options';
import { formatBytes, say, sayJson, table } from './output';
import { archiveArgument, chooseTenant } from './tenant-option';
import { askTemporal } from './with-temporal';
import type { Client } from '@temporalio/client';

interface StatusOptions extends CommonOptions {
  readonly tenant?: string;
}

export function statusCommand(): Command {
  return configuredCommand('status', 'tell how far one claim is, or how many are in each state')
    .argument('[id]', 'archive id')
    .option('--tenant <name>', 'whose archive it is; needed where several tenants are configured')
    .action(status);
}

async function status(id: string | undefined, options: StatusOptions): Promise<void> {
  const config = loadConfig(options.config);
  if (id === undefined) await showCounts(config, options);
  else await askTemporal((client) => showClaim(config, client, id, options));
}

async function showCounts(config: Config, { json }: StatusOptions): Promise<void> {
  const counts = await askLedger(config, (ledger) => ledger.count());
  if (json) sayJson(counts);
  else say(table(CLAIM_STATES.map((state) => [state, String(counts[state])])));
}

async function showClaim(
  config: Config,
  client: Client,
  id: string,
  { tenant, json }: StatusOptions,
): Promise<void> {
  const key = { tenant: chooseTenant(config, tenant), archiveId: archiveArgument(id) };
  const [entry, running] = await Promise.all([findClaim(config, key), viewClaim(client, key)]);
  if (!entry && !running)
    throw new Error(
      `Nothing is known of archive ${id} of ${key.tenant}. Claim it with \`archivist claim ${id}\`.`,
    );
  if (json)
    sayJson({
      ...key,
      state: stateOf(entry, running),
      ...(entry && { ledger: entry }),
      ...(running && { temporal: running }),
    });
  else say(table([['tenant', key.tenant], ['archive', key.archiveId], ...rowsOf(entry, running)]));
}

/** The ledger's word counts; a running claim may be ahead of it by a moment. */
function stateOf(entry: KnownClaim | undefined, running: ClaimView | undefined): string {
  return entry?.state ?? running?.state ?? 'announced';
}

function rowsOf(entry: KnownClaim | undefined, running: ClaimView | undefined): string[][] {
  const { transfer, lastFailure, attempt } = running ?? {};
  const held = entry?.held ?? running?.held;
  const rows: [string, string | undefined][] = [
    ['state', stateOf(entry, running)],
    ['attention', entry?.attention],
    ['held', held && `by ${held.by} since ${new Date(held.since).toISOString()}`],
    ['conference', entry?.conferenceId ?? running?.conferenceId],
    ['size', entry?.sizeBytes === undefined ? undefined : formatBytes(entry.sizeBytes)],
    ['sha256', entry?.sha256],
    ['location', entry?.location],
    ['secured', entry?.securedAt?.toISOString()],
    ['abandoned', entry?.abandonedAt?.toISOString()],
    ['expired', entry?.expiredAt?.toISOString()],
    ['verified', entry?.lastVerifiedAt?.toISOString()],
    ['deadline', running?.deadline?.toISOString()],
    ['transfer', transfer && `${formatBytes(transfer.bytes)}, ${formatBytes(transfer.bytesPerSecond)}/s`],
    ['last failure', lastFailure && `${lastFailure} (try ${attempt ?? 1})`],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}
