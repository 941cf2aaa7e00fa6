import { Argument, type Command } from 'commander';
import { CHOICES, type Choice } from '../domain/orders';
import { order, sayObeyed } from './obeyed';
import { orderArguments, orderCommand, type OrderOptions } from './order-options';
import { withTemporal } from './with-temporal';

export function decideCommand(): Command {
  return orderCommand('decide', 'settle what a claim that needs a person waits for, or give a claim up')
    .addArgument(new Argument('<choice>', 'what to do').choices(CHOICES))
    .action(decide);
}

async function decide(id: string, choice: Choice, options: OrderOptions): Promise<void> {
  const { key, by } = orderArguments(id, options);
  const progress = await withTemporal((client) => order(client, key, 'decide', { choice, by }));
  sayObeyed(options.json, key, { order: 'decide', choice, by, ...progress }, choice);
}
