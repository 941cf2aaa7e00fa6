import { join } from 'node:path';
import pino from 'pino';
import { prepareHoldings } from '../../src/cli/prepare';
import { parseConfig } from '../../src/config/load-config';
import { createPlatforms } from '../../src/platform/create-platform';
import { LOAD, startWorker } from '../../src/worker/start-worker';
import { installTelemetry } from '../../src/worker/telemetry';

export const TENANT = 'bench';

/** The worker of `archivist up`, with its store and ledger under `folder`. */
export async function startClaimWorker(
  folder: string,
  address: string,
  platform: { readonly url: string; readonly apiKey: string },
): Promise<{ stop(): Promise<void> }> {
  installTelemetry(pino({ level: 'warn' }, pino.destination(2)), undefined);
  const text = JSON.stringify({ tenants: { [TENANT]: { baseUrl: platform.url, apiKey: platform.apiKey } } });
  const config = parseConfig(text, join(folder, 'archivist.yaml'), {});
  const holdings = await prepareHoldings(config);
  const platforms = createPlatforms(config.tenants);
  const temporal = { connectionOptions: { address }, namespace: 'default' };
  const worker = await startWorker(
    temporal,
    'all',
    {
      ...holdings,
      platformOf: platforms.platformOf,
      settings: config.claim,
      expiry: config.expiry,
      callbacks: { tenants: config.tenants },
    },
    LOAD[config.ledger.kind],
  );
  return {
    async stop() {
      worker.shutdown();
      await worker.stopped;
      await platforms.close();
      await holdings.ledger.close();
    },
  };
}
