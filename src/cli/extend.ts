import type { Command } from 'commander';
import { order, sayObeyed } from './obeyed';
import { durationArgument } from './options';
import { orderArguments, orderCommand, type OrderOptions } from './order-options';
import { withTemporal } from './with-temporal';

export function extendCommand(): Command {
  return orderCommand('extend', "move a claim's deadline later")
    .argument('<duration>', 'how much later, such as "3 days"', durationArgument)
    .action(extend);
}

async function extend(id: string, ms: number, options: OrderOptions): Promise<void> {
  const { key, by } = orderArguments(id, options);
  const progress = await withTemporal((client) => order(client, key, 'extendDeadline', { ms, by }));
  sayObeyed(options.json, key, { order: 'extend', by, ...progress }, `until ${progress.deadline ?? ''}`);
}
