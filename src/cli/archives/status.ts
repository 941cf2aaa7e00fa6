import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import { parseArchiveId, type ArchiveKey } from '../../domain/ids';
import type { OrderAnswer } from '../../domain/orders';
import { SHOWN_STATES } from '../../domain/states';
import type { LedgerEntry } from '../../ledger/ledger';
import { viewClaim, type ClaimView } from '../../temporal/claim-view';
import { askLedger } from '../open';
import { configuredCommand, chooseTenant, type TenantOptions } from '../options';
import { formatBytes, print, table } from '../output';
import { withTemporal } from '../with-temporal';
import { viewOf } from './list';
import { askAgain } from './orders';

/** Milliseconds that Temporal has to add its view: the ledger is the source of truth. */
const TEMPORAL_MS = 2_500;

export function statusCommand(): Command {
  return configuredCommand(
    'status',
    'tell how far one archive is, or how many are in each state',
    'whose archive it is; needed if several tenants are configured',
  )
    .argument('[id]', 'archive id')
    .action(status);
}

async function status(id: string | undefined, options: TenantOptions): Promise<void> {
  const config = loadConfig(options.config);
  if (id === undefined) await showCounts(config, options);
  else {
    const key = { tenant: chooseTenant(config, options.tenant), archiveId: parseArchiveId(id) };
    await showArchive(config, key, options);
  }
}

async function showCounts(config: Config, { json }: TenantOptions): Promise<void> {
  const [counts, queue] = await askLedger(config, (ledger) =>
    Promise.all([ledger.count(), ledger.measureQueue()]),
  );
  const rows = SHOWN_STATES.map((state) => [state, String(counts[state])]);
  const inQueue = `${queue.entries} (the oldest waits for ${Math.round(queue.oldestSeconds)} s)`;
  print({ json }, { ...counts, queue }, table([...rows, ['queue', inQueue]]));
}

async function showArchive(config: Config, key: ArchiveKey, { json }: TenantOptions): Promise<void> {
  // First decides an order that is still undecided, if that is possible now.
  const known = askLedger(config, async (ledger) => ({
    order: await askAgain(config, ledger, key),
    entry: await ledger.find(key),
  }));
  const seen = withTemporal((client) => viewClaim(client, key), { limitMs: TEMPORAL_MS });
  const [{ entry, order }, claim] = await Promise.all([known, seen.catch(() => undefined)]);
  if (!entry && !claim)
    throw new Error(
      `Nothing is known of archive ${key.archiveId} of ${key.tenant}. Claim it with \`archivist claim ${key.archiveId}\`.`,
    );
  const state = entry?.state ?? claim?.state ?? 'announced';
  const view = { ...key, state, ledger: entry && viewOf(entry), order, temporal: claim };
  print({ json }, view, table(rowsOf(key, state, entry, order, claim)));
}

/** The text for a hold, or an order to end, that is not confirmed. */
const STANDING: Partial<Record<OrderAnswer['answer'], string>> = {
  undecided: 'recorded, not yet decided',
  tooLate: 'came too late: the platform was told that it may delete its file',
};

function rowsOf(
  { tenant, archiveId }: ArchiveKey,
  state: string,
  entry: LedgerEntry | undefined,
  order: OrderAnswer | undefined,
  claim: ClaimView | undefined,
): string[][] {
  const rows: Row[] = [
    ['tenant', tenant],
    ['archive', archiveId],
    ['state', state],
    ...(entry ? ledgerRows(entry) : []),
    ['order', order && STANDING[order.answer]],
    ...(claim ? claimRows(claim) : []),
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** A row without a value is not shown. */
type Row = [name: string, value: string | undefined];

function ledgerRows(entry: LedgerEntry): Row[] {
  const { attention, held, decided, fixity, sizeBytes, ended } = entry;
  return [
    ['attention', attention && `${attention.reason} since ${attention.since.toISOString()}`],
    ['warning', warningOf(entry)],
    ['held', held && `by ${held.by} since ${held.since.toISOString()}`],
    ['decided', decided && `${decided.decision} by ${decided.by} at ${decided.at.toISOString()}`],
    ['conference', entry.conferenceId],
    ['size', sizeBytes === undefined ? undefined : formatBytes(sizeBytes)],
    ['sha256', entry.sha256],
    ['location', entry.location],
    ['secured', entry.securedAt?.toISOString()],
    ['abandoned', entry.toldAt?.toISOString()],
    ['expired', entry.expiredAt?.toISOString()],
    ['verified', fixity && `${fixity.at.toISOString()}${fixity.ok ? '' : ' (damaged)'}`],
    ['verified next', entry.fixityDueAt?.toISOString()],
    ['deadline', ended || entry.isRepair ? undefined : entry.deadlineAt?.toISOString()],
    ['ended', ended && `${ended.at.toISOString()} (${ended.reason})`],
  ];
}

function warningOf({ archiveId, warning, accepted, toldAt }: LedgerEntry): string | undefined {
  const isOpen = warning === 'ZipUnreadable' && toldAt === undefined && !accepted.includes('unreadable');
  return isOpen
    ? `${warning}: to be accepted by \`archivist decide ${archiveId} acceptUnreadable\``
    : warning;
}

function claimRows({ transfer, lastFailure, attempt, status }: ClaimView): Row[] {
  return [
    ['workflow', status.toLowerCase()],
    ['transfer', transfer && `${formatBytes(transfer.bytes)}, ${formatBytes(transfer.bytesPerSecond)}/s`],
    ['last failure', lastFailure && `${lastFailure} (try ${attempt ?? 1})`],
  ];
}
