import type { Command } from 'commander';
import { sayObeyed, tryOrder } from './obeyed';
import { orderArguments, orderCommand, type OrderOptions } from './order-options';
import { changeUnclaimed } from './unclaimed';
import { withTemporal } from './with-temporal';

export function releaseCommand(): Command {
  return orderCommand('release', 'end the hold of an archive: its claim may abandon it').action(release);
}

async function release(id: string, options: OrderOptions): Promise<void> {
  const { config, key, by } = orderArguments(id, options);
  await withTemporal(async (client) => {
    if (await tryOrder(client, key, 'release', { by })) return;
    await changeUnclaimed(config, key, async (ledger) => {
      if ((await ledger.find(key))?.held === undefined) {
        throw new Error(`Archive ${key.archiveId}: The archive is not held.`);
      }
      await ledger.release(key, by);
    });
  });
  sayObeyed(options.json, key, { order: 'release', by }, 'released');
}
