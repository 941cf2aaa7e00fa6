import type { Command } from 'commander';
import type { ArchiveKey } from '../../domain/ids';
import type { Order } from '../../domain/orders';
import type { Ledger, LedgerEntry } from '../../ledger/ledger';
import { askLedger } from '../open';
import { orderArguments, orderCommand, type CommonOptions, type OrderOptions } from '../options';
import { print } from '../output';
import { standstillOf, untilEnded } from './claim';

interface AbandonOptions extends OrderOptions {
  readonly wait?: boolean;
}

export function abandonCommand(): Command {
  return orderCommand(
    'abandon',
    'have archives abandoned that copy-only mode has secured, with all others of their conferences',
    '<id...>',
  )
    .option('--wait', 'wait until they are abandoned; fail if one is not')
    .action(abandon);
}

async function abandon(ids: readonly string[], options: AbandonOptions): Promise<void> {
  const { config, keys, given } = orderArguments(ids, options);
  await askLedger(config, async (ledger) => {
    const ordered: LedgerEntry[] = [];
    for (const key of keys) ordered.push(...(await abandonOne(ledger, key, given, options)));
    if (options.wait) for (const one of ordered) await untilAbandoned(ledger, one, options);
  });
}

/**
 * An abandon addresses a conference. So the command orders it for all of its archives; otherwise it would wait for the others.
 * @returns the ledger's entry of each before the order
 */
async function abandonOne(ledger: Ledger, key: ArchiveKey, order: Order, options: CommonOptions) {
  const { tenant } = key;
  const members = await membersOf(ledger, key);
  await ledger.orderAbandon(
    tenant,
    members.map(({ archiveId }) => archiveId),
    order.by,
    order.reason,
  );
  for (const { archiveId, securedAt } of members) {
    const status = securedAt ? 'ordered' : 'not secured';
    const what = securedAt ? status : `${status}: repeat the order when it is; its conference waits for it`;
    print(options, { tenant, archiveId, status, ...order }, `${archiveId}  ${what}`);
  }
  return members;
}

/** The archives of its conference that the platform still has, as far as the ledger knows. */
async function membersOf(ledger: Ledger, key: ArchiveKey): Promise<readonly LedgerEntry[]> {
  const { archiveId } = key;
  const entry = await ledger.find(key);
  if (entry === undefined) throw new Error(`Nothing is known of archive ${archiveId}.`);
  if (entry.toldAt !== undefined) throw new Error(`Archive ${archiveId} is abandoned already.`);
  if (entry.securedAt === undefined)
    throw new Error(`Archive ${archiveId} is not secured (${entry.state}); claim it first.`);
  if (entry.conferenceId === undefined) throw new Error(`The conference of archive ${archiveId} is unknown.`);
  const members = await ledger.members(key.tenant, entry.conferenceId);
  return members.filter(({ conferenceIds }) => conferenceIds.length > 0);
}

async function untilAbandoned(ledger: Ledger, before: LedgerEntry, options: CommonOptions): Promise<void> {
  const standstill = standstillOf(before);
  if (standstill !== undefined) throw new Error(standstill);
  const { archiveId, toldAt } = await untilEnded(ledger, before, before, options);
  if (toldAt === undefined)
    throw new Error(`Archive ${archiveId} was not abandoned: see \`archivist status ${archiveId}\`.`);
}
