import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import { forAdministrator, registerSearchAttributes } from '../../temporal/register-search-attributes';
import { keepSchedules } from '../../temporal/schedules';
import { prepareStorage } from '../open';
import { configuredCommand, type CommonOptions } from '../options';
import { print, tell } from '../output';
import { ANSWER_MS, withTemporal } from '../with-temporal';

interface SetupOptions extends CommonOptions {
  readonly acceptStore?: boolean;
}

export const ACCEPT_STORE = [
  '--accept-store',
  "take the store though it seems not to be this ledger's: a restored or a new one",
] as const;

export function setupCommand(): Command {
  return configuredCommand(
    'setup',
    "make the ledger's schema, the store, and Temporal's search attributes and schedules ready; repeat as you like",
  )
    .option(...ACCEPT_STORE)
    .action(setup);
}

async function setup({ config: file, json, acceptStore = false }: SetupOptions): Promise<void> {
  const config = loadConfig(file);
  const { store, registered } = await setUp(config, { acceptsStore: acceptStore });
  print(
    { json },
    { store, ledger: config.ledger.kind, registeredSearchAttributes: registered },
    `Ready: the store ${store}, the ledger, the search attributes (${registered.length} of them new), and the schedules.`,
  );
}

/**
 * Prepares everything that gateway and worker need; changes nothing that is ready.
 *
 * `answerMs` are the milliseconds that Temporal has to answer; each schedule gets the same time again.
 * @returns the store's URL, and the names of the search attributes that Temporal lacked
 */
export async function setUp(config: Config, { answerMs = ANSWER_MS, acceptsStore = false } = {}) {
  const store = await prepareStorage(config, acceptsStore);
  const prepare = async (client: Client) => {
    const register = () => registerSearchAttributes(client);
    const { registered, lacking } = await client.withDeadline(Date.now() + answerMs, register);
    await keepSchedules(client, config, answerMs);
    if (lacking === 'unknown') tell(forAdministrator(client, lacking));
    else if (lacking.length > 0) throw new Error(forAdministrator(client, lacking));
    return registered;
  };
  return { store, registered: await withTemporal(prepare) };
}
