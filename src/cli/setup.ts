import type { Command } from 'commander';
import { loadConfig } from '../config/load-config';
import { registerSearchAttributes } from '../temporal/register-search-attributes';
import { tendRotationSchedules } from '../temporal/rotation-schedules';
import { configuredCommand, type CommonOptions } from './options';
import { say, sayJson } from './output';
import { prepareHoldings } from './prepare';
import { askTemporal } from './with-temporal';

export function setupCommand(): Command {
  return configuredCommand(
    'setup',
    "make the ledger's schema, the store and Temporal's search attributes ready; repeat as you like",
  ).action(setup);
}

async function setup({ config: file, json }: CommonOptions): Promise<void> {
  const config = loadConfig(file);
  const { ledger, store } = await prepareHoldings(config);
  try {
    const registered = await askTemporal(registerSearchAttributes);
    await askTemporal((client) =>
      tendRotationSchedules(client, config.tenants.keys(), config.callbackRotation),
    );
    if (json)
      sayJson({ store: store.url, ledger: config.ledger.kind, registeredSearchAttributes: registered });
    else
      say(
        `Ready: the store ${store.url}, the ledger, and the search attributes (${registered.length} of them new).`,
      );
  } finally {
    await ledger.close();
  }
}
