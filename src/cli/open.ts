import type { Config } from '../config/load-config';
import { connectionOf } from '../embedded/postgres';
import { createLedger, type Ledger } from '../ledger/ledger';
import { openPostgres, type Database } from '../ledger/postgres';
import { addressOf } from '../ledger/refusal';
import { migrate, requireSchema } from '../ledger/schema';
import { createPlatforms, type PlatformOf } from '../platform/create-platform';
import type { ArchiveStore } from '../store/archive-store';
import { openStore } from '../store/open-store';
import { waitingFor } from './waiting';

/** The store and the ledger. */
export interface Storage {
  readonly ledger: Ledger;
  readonly store: ArchiveStore;
}

/**
 * Prepares the ledger's schema and the store for their first use; changes nothing that is ready. The ledger remembers the
 * store's identity, so that an empty mount point is never taken for the store.
 * @param acceptsStore whether a person has confirmed that the store is the right one, whatever it seems to be
 * @returns the store's URL
 * @throws Error if it seems to be another ledger's store, or not the store of this ledger's copies
 */
export async function prepareStorage(config: Config, acceptsStore: boolean): Promise<string> {
  return await withDatabase(config, async (database) => {
    await migrate(database);
    const ledger = createLedger(database);
    const store = openStore(config.store);
    if (acceptsStore || (await ledger.storeIdentity(store.url)) === undefined) {
      if (!acceptsStore) await requireOwnStore(store, ledger);
      await ledger.rememberStore(store.url, await store.initialise(), acceptsStore);
    }
    return (await openKnownStore(config, ledger)).url;
  });
}

/** A store that was moved keeps its identity. A ledger's first store has no bags. */
async function requireOwnStore(store: ArchiveStore, ledger: Ledger): Promise<void> {
  const [{ identity, hasBags }, known] = [await store.look(), await ledger.storeIdentities()];
  const isOwn = known.length === 0 ? !hasBags : identity !== undefined && known.includes(identity);
  if (isOwn) return;
  const what =
    known.length === 0
      ? 'has bags that this ledger does not know'
      : "is not the one with this ledger's copies";
  throw new Error(
    `The store ${store.url} ${what}. Set \`store\` or \`ledger\` right; if both are, repeat the command with \`--accept-store\`.`,
  );
}

/** Opens the store and the ledger for the duration of `work`. @throws Error unless `archivist setup` has prepared them */
export async function withStorage<Result>(
  config: Config,
  work: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  return await askLedger(config, async (ledger) =>
    work({ ledger, store: await openKnownStore(config, ledger) }),
  );
}

/** Opens the ledger for the duration of `ask`. @throws ArchivistError `LedgerUnavailable` */
export async function askLedger<Answer>(
  config: Config,
  ask: (ledger: Ledger) => Promise<Answer>,
): Promise<Answer> {
  return await withDatabase(config, async (database) => {
    await requireSchema(database);
    return await ask(createLedger(database));
  });
}

/** Opens the platforms of all tenants for the duration of `work`. */
export async function withPlatforms<Result>(
  { tenants }: Config,
  work: (platformOf: PlatformOf) => Promise<Result>,
): Promise<Result> {
  const platforms = createPlatforms(tenants);
  try {
    return await work(platforms.platformOf);
  } finally {
    await platforms.close();
  }
}

async function openKnownStore(config: Config, ledger: Ledger): Promise<ArchiveStore> {
  const { url } = openStore(config.store);
  const expectedIdentity = await ledger.storeIdentity(url);
  if (expectedIdentity === undefined)
    throw new Error(`The store ${url} was never set up: run \`archivist setup\`.`);
  const store = openStore(config.store, { expectedIdentity });
  await store.check([...config.tenants.keys()]);
  return store;
}

async function withDatabase<Result>(
  { ledger }: Config,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const url = ledger.kind === 'embedded' ? (await connectionOf(ledger.directory)).url : ledger.url.reveal();
  const database = openPostgres(url);
  const soon = waitingFor(`the ledger${addressOf({ connectionString: url })}`);
  try {
    return await work({ ...database, query: (...statement) => soon(database.query(...statement)) });
  } finally {
    await database.close();
  }
}
