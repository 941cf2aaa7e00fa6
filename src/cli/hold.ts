import type { Command } from 'commander';
import type { ArchiveKey } from '../domain/ids';
import type { Ledger } from '../ledger/ledger';
import { sayObeyed, tryOrder } from './obeyed';
import { orderArguments, orderCommand, type OrderOptions } from './order-options';
import { changeUnclaimed } from './unclaimed';
import { withTemporal } from './with-temporal';

export function holdCommand(): Command {
  return orderCommand('hold', 'keep an archive from being abandoned until it is released').action(hold);
}

async function hold(id: string, options: OrderOptions): Promise<void> {
  const { config, key, by } = orderArguments(id, options);
  const held = await withTemporal(async (client) => {
    const obeyed = await tryOrder(client, key, 'hold', { by });
    if (obeyed) return obeyed.held;
    const noted = await changeUnclaimed(config, key, (ledger) => holdInLedger(ledger, key, by));
    // A claim that began meanwhile has not seen it.
    const begun = await tryOrder(client, key, 'hold', { by });
    return begun?.held ?? noted;
  });
  sayObeyed(options.json, key, { order: 'hold', by, held }, `held by ${held?.by ?? by}`);
}

async function holdInLedger(ledger: Ledger, key: ArchiveKey, by: string) {
  await ledger.hold(key, by);
  const held = (await ledger.find(key))?.held;
  if (held) return { by: held.by, since: held.since.toISOString() };
  throw new Error(`Archive ${key.archiveId} is abandoned already: the platform may delete its file.`);
}
