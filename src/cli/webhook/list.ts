import type { Command } from 'commander';
import { listSubscriptions } from '../../activities/subscriptions/reports';
import type { SubscriptionView } from '../../domain/subscriptions';
import { say, sayJson, table } from '../output';
import { readTenant, tenantCommand, withSubscriptions, type WebhookOptions } from './options';

export function listCommand(): Command {
  return tenantCommand('list', "list the platform's subscriptions, and which are ours").action(list);
}

async function list(options: WebhookOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  const { isListed, subscriptions } = await withSubscriptions(config, (dependencies, signal) =>
    listSubscriptions(dependencies, tenant, signal),
  );
  if (options.json) subscriptions.forEach((each) => sayJson({ tenant, ...each }));
  else if (subscriptions.length === 0) say('There are no subscriptions.');
  else say(table([['SUBSCRIPTION', 'WHOSE', 'STATE', 'SINCE', 'URL'], ...subscriptions.map(rowOf)]));
  if (!isListed)
    process.stderr.write(
      "The platform lists no subscriptions (the tenant's endpoints.subscriptions): these are what the ledger knows.\n",
    );
}

function rowOf({ subscriptionId, origin, generation, state, since, url }: SubscriptionView): string[] {
  const whose = origin === 'stranger' ? 'a stranger' : (generation ?? origin);
  return [subscriptionId, whose, state, since ?? '', url ?? ''];
}
