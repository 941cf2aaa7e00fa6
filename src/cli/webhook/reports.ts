import type { Command } from 'commander';
import type { DeliveryReport, DeliveryReports } from '../../domain/subscriptions';
import { askSubscriptions } from '../../temporal/ask-subscriptions';
import { say, sayJson, table } from '../output';
import { withTemporal } from '../with-temporal';
import { readTenant, subscriptionArgument, tenantCommand, type WebhookOptions } from './options';

export function reportsCommand(): Command {
  return tenantCommand('reports', 'show which of the latest deliveries failed')
    .argument('[id]', 'a subscription; else each of ours')
    .action(reports);
}

async function reports(id: string | undefined, options: WebhookOptions): Promise<void> {
  const { tenant } = readTenant(options);
  const wanted = id === undefined ? {} : { subscriptionId: subscriptionArgument(id) };
  const found = await withTemporal((client) =>
    askSubscriptions<DeliveryReports[]>(client, 'reports', tenant, wanted),
  );
  if (options.json) found.forEach((each) => sayJson({ tenant, ...each }));
  else if (found.length === 0) say('The platform has no subscription of ours: archivist webhook register.');
  else found.forEach(show);
}

function show({ subscriptionId, generation, reports: all }: DeliveryReports): void {
  const failed = all.filter((report) => report.failed);
  const name = generation === undefined ? subscriptionId : `${subscriptionId} (${generation})`;
  if (failed.length > 0) say(table([HEAD, ...failed.map(rowOf)]));
  say(`${name}: ${failed.length} of the latest ${all.length} attempts failed.`);
}

const HEAD = ['ARCHIVE', 'WHEN', 'ATTEMPT', 'OUTCOME', 'TOOK'];

function rowOf({ archiveId, at, attempt, statusCode, error, durationMs }: DeliveryReport): string[] {
  const outcome = [...(statusCode === undefined ? [] : [String(statusCode)]), ...(error ? [error] : [])];
  return [
    archiveId ?? '?',
    at ?? '?',
    attempt === undefined ? '?' : String(attempt),
    outcome.join(' ') || '?',
    durationMs === undefined ? '?' : `${durationMs} ms`,
  ];
}
