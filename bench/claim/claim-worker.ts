import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { prepareHoldings } from '../../src/cli/prepare';
import { parseConfig } from '../../src/config/load-config';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import { createPlatforms } from '../../src/platform/create-platform';
import { startWorker } from '../../src/worker/start-worker';
import { installTelemetry } from '../../src/worker/telemetry';

export const TENANT = 'bench';

/** The worker of `archivist up`, with its store under `folder`, and its ledger in the embedded PostgreSQL. */
export async function startClaimWorker(
  folder: string,
  address: string,
  platform: { readonly url: string; readonly apiKey: string },
): Promise<{ stop(): Promise<void> }> {
  installTelemetry(pino({ level: 'warn' }, pino.destination(2)), undefined);
  const ledgerFolder = await temporaryFolder('archivist-bench-ledger-');
  const postgres = await startEmbeddedPostgres({ directory: join(ledgerFolder, 'ledger') });
  const tenants = { [TENANT]: { baseUrl: platform.url, apiKey: platform.apiKey } };
  const text = JSON.stringify({ tenants, ledger: postgres.url });
  const config = parseConfig(text, join(folder, 'archivist.yaml'), {});
  const holdings = await prepareHoldings(config);
  const platforms = createPlatforms(config.tenants);
  const temporal = { connectionOptions: { address }, namespace: 'default' };
  const worker = await startWorker(temporal, 'all', {
    ...holdings,
    platformOf: platforms.platformOf,
    settings: config.claim,
    expiry: config.expiry,
    callbacks: { tenants: config.tenants },
  });
  return {
    async stop() {
      worker.shutdown();
      await worker.stopped;
      await platforms.close();
      await holdings.ledger.close();
      await postgres.close();
      await rm(ledgerFolder, { recursive: true, force: true });
    },
  };
}
