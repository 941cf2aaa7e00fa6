import type { Command } from 'commander';
import { listSubscriptions, readReports } from '../../activities/subscriptions/reports';
import type { DeliveryReport, DeliveryReports, SubscriptionView } from '../../domain/subscriptions';
import { readTenant, type TenantOptions } from '../options';
import { say, sayJson, table, tell } from '../output';
import { subscriptionArgument, tenantCommand, withSubscriptions } from './tenant';

export function listCommand(): Command {
  return tenantCommand('list', "list the platform's subscriptions, and which are ours").action(list);
}

async function list(options: TenantOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  const { isListed, subscriptions } = await withSubscriptions(config, tenant, listSubscriptions);
  if (options.json) subscriptions.forEach((each) => sayJson({ tenant, ...each }));
  else if (subscriptions.length === 0) say('There are no subscriptions.');
  else
    say(table([['SUBSCRIPTION', 'WHOSE', 'STATE', 'SINCE', 'URL'], ...subscriptions.map(rowOfSubscription)]));
  if (!isListed)
    tell(
      "The platform lists no subscriptions (the tenant's endpoints.subscriptions): these are what the ledger knows.",
    );
}

function rowOfSubscription({ origin, generation, since = '', url = '', ...one }: SubscriptionView): string[] {
  const whose = origin === 'stranger' ? 'a stranger' : (generation ?? origin);
  return [one.subscriptionId, whose, one.state, since, url];
}

export function reportsCommand(): Command {
  return tenantCommand('reports', 'show which of the latest deliveries failed')
    .argument('[id]', 'a subscription; else each of ours')
    .action(reports);
}

async function reports(id: string | undefined, options: TenantOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  const wanted = id === undefined ? undefined : subscriptionArgument(id);
  const found = await withSubscriptions(config, tenant, (dependencies, _, signal) =>
    readReports(dependencies, tenant, wanted, signal),
  );
  if (options.json) found.forEach((each) => sayJson({ tenant, ...each }));
  else if (found.length === 0) say('The platform has no subscription of ours: archivist webhook register.');
  else found.forEach(show);
}

function show({ subscriptionId, generation, reports: all }: DeliveryReports): void {
  const failed = all.filter((report) => report.failed);
  const name = generation === undefined ? subscriptionId : `${subscriptionId} (${generation})`;
  if (failed.length > 0) say(table([HEAD, ...failed.map(rowOfReport)]));
  say(`${name}: ${failed.length} of the latest ${all.length} attempts failed.`);
}

const HEAD = ['ARCHIVE', 'WHEN', 'ATTEMPT', 'OUTCOME', 'TOOK'];

function rowOfReport({ archiveId, at, attempt, statusCode, error, durationMs }: DeliveryReport): string[] {
  const outcome = [statusCode, error].filter((part) => part !== undefined).join(' ');
  const took = durationMs === undefined ? '?' : `${durationMs} ms`;
  return [archiveId ?? '?', at ?? '?', String(attempt ?? '?'), outcome || '?', took];
}
