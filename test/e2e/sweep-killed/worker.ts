import { appendFileSync, readFileSync } from 'node:fs';
import { parseConfig } from '../../../src/config/load-config';
import { createLedger } from '../../../src/ledger/ledger';
import { openPostgres } from '../../../src/ledger/postgres';
import { createPlatforms } from '../../../src/platform/create-platform';
import type { ArchiveStore } from '../../../src/store/archive-store';
import { openStore } from '../../../src/store/open-store';
import { composeActivities } from '../../../src/cli/run/worker';
import { startWorker } from '../../../src/worker/start-worker';
import { quietSdk } from '../../support/workflow-code';

/** Where a worker works, and the file to which it appends the id of each archive whose copy it begins to read. */
export interface Job {
  readonly address: string;
  readonly namespace: string;
  readonly configFile: string;
  readonly database: string;
  readonly log: string;
}

/** A real worker, in a process of its own, whose store says what it reads. */
async function work({ address, namespace, configFile, database, log }: Job): Promise<void> {
  quietSdk();
  const config = parseConfig(readFileSync(configFile, 'utf8'), configFile, {});
  const { platformOf } = createPlatforms(config.tenants);
  const ledger = createLedger(openPostgres(database));
  const store = telling(openStore(config.store), log);
  const activities = composeActivities(config, { ledger, store, platformOf });
  const running = await startWorker(
    { connectionOptions: { address }, namespace },
    'orchestrator',
    activities,
  );
  await running.stopped;
}

/** The line is with the system before the file is opened, so that a kill loses none. */
function telling(store: ArchiveStore, log: string): ArchiveStore {
  return {
    ...store,
    open(key, copyId) {
      appendFileSync(log, `${key.archiveId}\n`);
      return store.open(key, copyId);
    },
  };
}

work(JSON.parse(process.argv[2] ?? '{}') as Job).catch(() => (process.exitCode = 1));
