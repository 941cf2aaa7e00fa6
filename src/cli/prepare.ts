import type { Config } from '../config/load-config';
import { createLedger } from '../ledger/create-ledger';
import type { Database } from '../ledger/database';
import type { Ledger } from '../ledger/ledger';
import { migrate } from '../ledger/migrate';
import { requireSchema } from '../ledger/schema';
import type { ArchiveStore } from '../store/archive-store';
import { openStore } from '../store/open-store';
import { openDatabase } from './open-database';

/** The two places where everything ends up. */
export interface Holdings {
  readonly ledger: Ledger;
  readonly store: ArchiveStore;
}

/**
 * Makes the ledger's schema and the store ready for their first use; changes nothing that is ready. The ledger remembers the
 * store's identity, so that an empty mount point is never taken for the store.
 */
export async function prepareHoldings(config: Config): Promise<Holdings> {
  return await withDatabase(config, async (database) => {
    await migrate(database);
    const ledger = createLedger(database);
    const known = await ledger.storeIdentity(openStore(config.store).url);
    if (known === undefined) {
      const store = openStore(config.store);
      await ledger.rememberStore(store.url, await store.initialise());
    }
    return await openKnownStore(config, ledger);
  });
}

/** Opens what `archivist setup` made ready. @throws where it did not */
export async function openHoldings(config: Config): Promise<Holdings> {
  return await withDatabase(config, async (database) => {
    await requireSchema(database);
    return await openKnownStore(config, createLedger(database));
  });
}

/** Opens the ledger alone. */
export async function openLedger(config: Config): Promise<Ledger> {
  return await withDatabase(config, async (database) => {
    await requireSchema(database);
    return createLedger(database);
  });
}

async function openKnownStore(config: Config, ledger: Ledger): Promise<Holdings> {
  const { url } = openStore(config.store);
  const expectedIdentity = await ledger.storeIdentity(url);
  if (expectedIdentity === undefined)
    throw new Error(`The store ${url} was never set up: run \`archivist setup\`.`);
  const store = openStore(config.store, { expectedIdentity });
  await store.check();
  return { ledger, store };
}

async function withDatabase<Result>(
  config: Config,
  open: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(config.ledger);
  try {
    return await open(database);
  } catch (error) {
    await database.close();
    throw error;
  }
}
