import { Client } from 'pg';
import type { Database } from '../checker/read-ledger';
import type { Closing } from './closing';
import { Link } from './link';
import { createPostgres } from './postgres';
import type { Service } from './service';

/** The ledger's PostgreSQL server, and the network before it. */
export interface Ledger {
  /** For the configuration. */
  readonly url: string;
  readonly service: Service;
  readonly link: Link;
  /** Reads it directly, without the network between. */
  read<Result>(use: (database: Database) => Promise<Result>): Promise<Result>;
}

export async function startLedger(closing: Closing): Promise<Ledger> {
  const postgres = await createPostgres();
  closing.add(postgres.remove);
  await postgres.service.start();
  closing.add(() => postgres.service.stop('SIGINT'));
  const link = await Link.to(postgres.port);
  closing.add(() => link.close());
  const url = new URL(postgres.url());
  url.port = String(link.port);
  return {
    url: url.href,
    service: postgres.service,
    link,
    async read(use) {
      const client = new Client({ connectionString: postgres.url() });
      await client.connect();
      try {
        return await use(client);
      } finally {
        await client.end();
      }
    },
  };
}
