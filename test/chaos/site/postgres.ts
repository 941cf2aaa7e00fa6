import { rm } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../../src/processes/free-port';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/embedded/postgres';
import { temporaryFolder } from '../../../src/embedded/postgres/account';
import { TEST_SETTINGS } from '../../support/postgres';
import { Service } from './service';

/** A PostgreSQL server that can be killed and started again on the same data and port. */
export interface Postgres {
  readonly service: Service;
  readonly port: number;
  /** Where it listens itself, once it was started. */
  url(): string;
  /** Ends it, and removes its data. */
  remove(): Promise<void>;
}

export async function createPostgres(): Promise<Postgres> {
  const folder = await temporaryFolder('archivist-chaos-ledger-');
  const port = await freePort('127.0.0.1');
  let running: EmbeddedPostgres | undefined;
  return {
    service: new Service('ledger', async () => {
      // One that was killed still counts as this process's.
      await running?.stop();
      running = await startEmbeddedPostgres({
        directory: path.join(folder, 'ledger'),
        port,
        settings: TEST_SETTINGS,
      });
      return running;
    }),
    port,
    url: () => running?.url ?? '',
    async remove() {
      await running?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
