import type { Command } from 'commander';
import { loadConfig } from '../config/load-config';
import { registerSearchAttributes } from '../temporal/register-search-attributes';
import { keepSchedules } from '../temporal/schedules';
import { configuredCommand, type CommonOptions } from './options';
import { say, sayJson } from './output';
import { prepareHoldings } from './prepare';
import { askTemporal } from './with-temporal';

export function setupCommand(): Command {
  return configuredCommand(
    'setup',
    "make the ledger's schema, the store, and Temporal's search attributes and schedules ready; repeat as you like",
  ).action(setup);
}

async function setup({ config: file, json }: CommonOptions): Promise<void> {
  const config = loadConfig(file);
  const { ledger, store } = await prepareHoldings(config);
  try {
    const registered = await askTemporal(async (client) => {
      const missing = await registerSearchAttributes(client);
      await keepSchedules(client, config);
      return missing;
    });
    if (json)
      sayJson({ store: store.url, ledger: config.ledger.kind, registeredSearchAttributes: registered });
    else
      say(
        `Ready: the store ${store.url}, the ledger, the search attributes (${registered.length} of them new), and the schedules.`,
      );
  } finally {
    await ledger.close();
  }
}
