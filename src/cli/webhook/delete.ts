import type { Command } from 'commander';
import { deleteSubscriptions } from '../../activities/subscriptions/remove';
import { say, sayJson } from '../output';
import { UsageError } from '../options';
import {
  readTenant,
  subscriptionArgument,
  tenantCommand,
  withSubscriptions,
  type WebhookOptions,
} from './options';

interface DeleteOptions extends WebhookOptions {
  readonly allOurs?: boolean;
}

export function deleteCommand(): Command {
  return tenantCommand(
    'delete',
    'delete subscriptions of ours on the platform; their secrets are retired when nothing is in flight any more',
  )
    .argument('[id...]', 'subscriptions; see archivist webhook list')
    .option('--all-ours', 'every one that Archivist registered')
    .action(deleteThem);
}

async function deleteThem(ids: readonly string[], options: DeleteOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  const allOurs = options.allOurs ?? false;
  if (allOurs === ids.length > 0)
    throw new UsageError('Name the subscriptions, or all of ours with --all-ours.');
  const wanted = allOurs ? undefined : ids.map(subscriptionArgument);
  const deleted = await withSubscriptions(config, (dependencies, signal) =>
    deleteSubscriptions(dependencies, tenant, wanted, signal),
  );
  if (options.json)
    deleted.forEach((subscriptionId) => sayJson({ tenant, subscriptionId, status: 'deleted' }));
  else if (deleted.length === 0) say('There was none of ours.');
  else
    deleted.forEach((subscriptionId) =>
      say(`${subscriptionId}  deleted; reconciliation retires its secret when nothing is in flight any more`),
    );
}
