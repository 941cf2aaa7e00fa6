import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { Command } from 'commander';
import { loadConfig } from '../../config/load-config';
import { errorCode } from '../../domain/error-code';
import type { TenantId } from '../../domain/ids';
import type { ReconcileReport } from '../../domain/reconciliation';
import { reconcileNow } from '../../temporal/run-now';
import { configuredCommand, chooseTenant, type TenantOptions } from '../options';
import { print } from '../output';
import { waitingFor } from '../waiting';
import { withTemporal } from '../with-temporal';

export function reconcileCommand(): Command {
  return configuredCommand(
    'reconcile',
    "compare the platform's list with the ledger now, and claim what is missing; a worker does it",
    "only this tenant's",
  ).action(reconcile);
}

async function reconcile({ config: file, tenant, json }: TenantOptions): Promise<void> {
  const config = loadConfig(file);
  const tenants = tenant === undefined ? [...config.tenants.keys()] : [chooseTenant(config, tenant)];
  const failed = await withTemporal(async (client) => {
    let count = 0;
    for (const each of tenants) if (!(await reconcileOne(client, each, json))) count += 1;
    return count;
  });
  if (failed > 0)
    throw new Error(`${failed} of ${tenants.length} lists could not be reconciled to their end.`);
}

/** @returns whether the whole list was reconciled */
async function reconcileOne(client: Client, tenant: TenantId, json: boolean | undefined): Promise<boolean> {
  try {
    const soon = waitingFor(`a worker, which reads the list of ${tenant}`);
    const report = await soon(reconcileNow(client, tenant));
    print({ json }, report, lineOf(report));
    return report.incomplete === undefined;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const message = error.cause?.message ?? errorCode(error);
    print({ json }, { tenant, error: message }, `${tenant}  failed: ${message}`);
    return false;
  }
}

function lineOf(report: ReconcileReport): string {
  const { tenant, listed, changed, queued, missed, unusable, incomplete, problem } = report;
  const parts = [
    ...(changed > 0 ? [`${changed} new or changed`] : []),
    ...(queued > 0 ? [`${queued} queued to be claimed`] : []),
    ...(missed > 0 ? [`${missed} expired before anybody here knew of them`] : []),
    ...(unusable > 0 ? [`${unusable} cannot be claimed because of their ids`] : []),
    ...(incomplete === undefined ? [] : [`the list is not whole (${incomplete}): ${problem ?? ''}`]),
  ];
  return `${tenant}  ${listed} listed: ${parts.length === 0 ? 'nothing to do' : parts.join('; ')}`;
}
