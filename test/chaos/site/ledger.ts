import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import type { Database } from '../checker/read-ledger';
import type { Closing } from './closing';
import { Link } from './link';
import { createPostgres } from './postgres';
import type { Service } from './service';

/** What the ledger runs on. */
export interface Ledger {
  /** PGlite, a part of Archivist's one process, where there is no PostgreSQL. */
  readonly kind: 'PostgreSQL' | 'PGlite';
  /** For the configuration. */
  readonly url: string;
  /** PostgreSQL only: the server, and the network before it. */
  readonly server?: { readonly service: Service; readonly link: Link };
  /** Reads it directly; PGlite only while nothing else has it open. */
  read<Result>(use: (database: Database) => Promise<Result>): Promise<Result>;
}

/** PostgreSQL where it can be started and is wanted. */
export async function startLedger(folder: string, closing: Closing, pglite: boolean): Promise<Ledger> {
  const postgres = pglite ? undefined : await createPostgres();
  if (postgres === undefined) return openPglite(path.join(folder, 'data', 'ledger'));
  closing.add(postgres.remove);
  await postgres.service.start();
  closing.add(() => postgres.service.stop('SIGINT'));
  const link = await Link.to(postgres.port);
  closing.add(() => link.close());
  const url = new URL(postgres.url);
  url.port = String(link.port);
  return {
    kind: 'PostgreSQL',
    url: url.href,
    server: { service: postgres.service, link },
    async read(use) {
      const client = new Client({ connectionString: postgres.url });
      await client.connect();
      try {
        return await use(client);
      } finally {
        await client.end();
      }
    },
  };
}

function openPglite(directory: string): Ledger {
  return {
    kind: 'PGlite',
    url: `pglite:${directory}`,
    async read(use) {
      const database = await PGlite.create(directory);
      try {
        return await use(database);
      } finally {
        await database.close();
      }
    },
  };
}
