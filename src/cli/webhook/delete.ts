import type { Command } from 'commander';
import { askSubscriptions } from '../../temporal/ask-subscriptions';
import { say, sayJson } from '../output';
import { UsageError } from '../usage-error';
import { withTemporal } from '../with-temporal';
import { readTenant, subscriptionArgument, tenantCommand, type WebhookOptions } from './options';

interface DeleteOptions extends WebhookOptions {
  readonly allOurs?: boolean;
}

export function deleteCommand(): Command {
  return tenantCommand(
    'delete',
    'delete subscriptions of ours on the platform; their secrets are retired a minute later',
  )
    .argument('[id...]', 'subscriptions; see archivist webhook list')
    .option('--all-ours', 'every one that Archivist registered')
    .action(deleteThem);
}

async function deleteThem(ids: readonly string[], options: DeleteOptions): Promise<void> {
  const { tenant } = readTenant(options);
  const allOurs = options.allOurs ?? false;
  if (allOurs === ids.length > 0)
    throw new UsageError('Name the subscriptions, or all of ours with --all-ours.');
  const wanted = allOurs ? {} : { subscriptionIds: ids.map(subscriptionArgument) };
  const deleted = await withTemporal((client) =>
    askSubscriptions<readonly string[]>(client, 'delete', tenant, wanted),
  );
  if (options.json)
    deleted.forEach((subscriptionId) => sayJson({ tenant, subscriptionId, status: 'deleted' }));
  else if (deleted.length === 0) say('There was none of ours.');
  else
    deleted.forEach((subscriptionId) => say(`${subscriptionId}  deleted; its secret is retired in a minute`));
}
