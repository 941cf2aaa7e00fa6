import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import type { TemporalSettings } from '../../temporal/connect';
import { registerSearchAttributes } from '../../temporal/register-search-attributes';
import { keepSchedules } from '../../temporal/schedules';
import { prepareStorage } from '../open';
import { configuredCommand, type CommonOptions } from '../options';
import { print } from '../output';
import { ANSWER_MS, readTemporalSettings, withTemporal } from '../with-temporal';

export function setupCommand(): Command {
  return configuredCommand(
    'setup',
    "make the ledger's schema, the store, and Temporal's search attributes and schedules ready; repeat as you like",
  ).action(setup);
}

async function setup({ config: file, json }: CommonOptions): Promise<void> {
  const config = loadConfig(file);
  const { store, registered } = await setUp(config, readTemporalSettings());
  print(
    { json },
    { store, ledger: config.ledger.kind, registeredSearchAttributes: registered },
    `Ready: the store ${store}, the ledger, the search attributes (${registered.length} of them new), and the schedules.`,
  );
}

/**
 * Makes everything ready that gateway and worker need; changes nothing that is ready.
 * @returns the store's URL, and the names of the search attributes that Temporal did not have
 */
export async function setUp(config: Config, settings: TemporalSettings) {
  const { ledger, store } = await prepareStorage(config);
  try {
    const prepare = async (client: Client) => {
      const missing = await registerSearchAttributes(client);
      await keepSchedules(client, config);
      return missing;
    };
    const registered = await withTemporal(prepare, { settings, limitMs: ANSWER_MS });
    return { store: store.url, registered };
  } finally {
    await ledger.close();
  }
}
