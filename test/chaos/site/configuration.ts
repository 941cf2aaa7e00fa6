import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../../src/processes/free-port';
import type { Installation } from './archivist';
import { TENANT, type Platform } from './platform';

/** What the configuration says that others need to know. */
export interface Configuration {
  /** The root folder of the store. */
  readonly store: string;
  readonly gateway: string;
  readonly callbackSecret: string;
}

/** Writes the configuration of the installation. @param platformPort where Archivist finds the platform */
export async function writeConfiguration(
  { folder, config }: Installation,
  { apiKey }: Platform,
  platformPort: number,
  ledger: string,
): Promise<Configuration> {
  const port = await freePort('127.0.0.1');
  const callbackSecret = randomBytes(24).toString('hex');
  const store = path.join(folder, 'data', 'archives');
  const baseUrl = `http://127.0.0.1:${platformPort}`;
  const settings = {
    tenants: { [TENANT]: { baseUrl, apiKey, callbackSecrets: [callbackSecret] } },
    gateway: { host: '127.0.0.1', port },
    store: `file:${store}`,
    ledger,
    // An answer without an end ends here.
    reconcile: { every: '10 seconds' },
    sweep: { every: '10 seconds' },
    // Copies that were damaged are found by the sweep, too.
    expiry: { period: '10 days', recheck: '10 seconds' },
    claim: { deadline: '1 day', poll: { initial: '500 ms', max: '2 seconds' }, maxSize: '128 MiB' },
  };
  await writeFile(config, stringify(settings), { mode: 0o600 });
  // In place of the one that a person may have at home.
  await writeFile(path.join(folder, 'temporal.toml'), '[profile.default]\n');
  return { store, gateway: `http://127.0.0.1:${port}`, callbackSecret };
}
