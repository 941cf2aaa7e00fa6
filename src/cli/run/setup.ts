import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import type { SearchAttributeName } from '../../domain/search-attributes';
import type { TemporalSettings } from '../../temporal/connect';
import { registerSearchAttributes } from '../../temporal/register-search-attributes';
import { keepSchedules } from '../../temporal/schedules';
import { prepareStorage } from '../open';
import { configuredCommand, type CommonOptions } from '../options';
import { say, sayJson } from '../output';
import { askTemporal, readTemporalSettings } from '../with-temporal';

export function setupCommand(): Command {
  return configuredCommand(
    'setup',
    "make the ledger's schema, the store, and Temporal's search attributes and schedules ready; repeat as you like",
  ).action(setup);
}

async function setup({ config: file, json }: CommonOptions): Promise<void> {
  const config = loadConfig(file);
  const { store, registered } = await setUp(config, readTemporalSettings());
  if (json) sayJson({ store, ledger: config.ledger.kind, registeredSearchAttributes: registered });
  else
    say(
      `Ready: the store ${store}, the ledger, the search attributes (${registered.length} of them new), and the schedules.`,
    );
}

/** What was made ready. */
interface SetUp {
  /** The store's URL. */
  readonly store: string;
  /** The search attributes that Temporal did not have. */
  readonly registered: readonly SearchAttributeName[];
}

/** Makes everything ready that gateway and worker need; changes nothing that is ready. */
export async function setUp(config: Config, temporal: TemporalSettings): Promise<SetUp> {
  const { ledger, store } = await prepareStorage(config);
  try {
    const registered = await askTemporal(async (client) => {
      const missing = await registerSearchAttributes(client);
      await keepSchedules(client, config);
      return missing;
    }, temporal);
    return { store: store.url, registered };
  } finally {
    await ledger.close();
  }
}
