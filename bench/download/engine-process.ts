import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities, type Activities } from '../../src/activities/create-activities';
import { expiryTerms } from '../../src/activities/claim/facts';
import { createListReader } from '../../src/activities/reconciliation/list-reader';
import { prepareStorage, withPlatforms, withStorage } from '../../src/cli/open';
import { parseConfig, type Config } from '../../src/config/load-config';
import { parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { residentBytes, watchPeak } from './resident-memory';

/** How a transfer went. */
export interface Transfer {
  /** From the request for the record until the bag is sealed, durable, and recorded as secured. */
  readonly seconds: number;
  /** Where the bag is. */
  readonly bag: string;
  /** Resident memory of the whole process, threads included. */
  readonly memory: { readonly idleBytes: number; readonly peakBytes: number } | undefined;
}

/** What the process says: that it is ready, how a transfer went, or why it failed. */
export type EngineReply = { readonly ready: true } | Transfer | { readonly failure: string };

const TENANT = parseTenantId('bench');

/** The program that does transfers, each named by a message of its parent, with what a worker works with. */
async function main(folder: string, platformUrl: string, ledger: string): Promise<void> {
  const config = configFor(folder, platformUrl, ledger);
  await prepareStorage(config, false);
  await withStorage(config, (storage) =>
    withPlatforms(config, async (platformOf) => {
      const expiry = expiryTerms(config.expiry);
      const shared = { ...storage, platformOf, workerId: 'bench', expiry };
      const lists = createListReader(shared);
      const activities = createActivities({ ...shared, settings: config.claim, lists });
      process.on('message', (archiveId) => {
        measure(activities, String(archiveId)).then(reply, fail);
      });
      reply({ ready: true });
      await once(process, 'disconnect');
    }),
  );
  process.exit();
}

function configFor(folder: string, platformUrl: string, ledger: string): Config {
  const tenant = {
    baseUrl: platformUrl,
    apiPrefix: '',
    apiKey: 'bench',
    endpoints: { record: '/records/{archiveId}', download: '/files/{archiveId}' },
  };
  const settings = { tenants: { [TENANT]: tenant }, ledger };
  return parseConfig(JSON.stringify(settings), join(folder, 'archivist.yaml'), {});
}

async function measure(activities: Activities, archiveId: string): Promise<Transfer> {
  await comeToRest();
  const idleBytes = (await residentBytes())?.now;
  await watchPeak();
  const begun = performance.now();
  const bag = await secure(activities, archiveId);
  const seconds = (performance.now() - begun) / 1000;
  const peakBytes = (await residentBytes())?.peak;
  const memory = idleBytes === undefined || peakBytes === undefined ? undefined : { idleBytes, peakBytes };
  return { seconds, bag, memory };
}

/** What start-up left in memory is gone some time later: now, where garbage can be collected at will. */
async function comeToRest(): Promise<void> {
  const { gc } = globalThis;
  if (gc === undefined) return;
  gc();
  await pause(1_000);
  gc();
}

/** What the workflow has done for a claim up to `secured`, where activities run. @returns the bag's folder */
async function secure(activities: Activities, archiveId: string): Promise<string> {
  const key = { tenant: TENANT, archiveId: parseArchiveId(archiveId) };
  return await new MockActivityEnvironment().run<[], string, () => Promise<string>>(async () => {
    const found = await activities.awaitAvailable(key, { deadlineAt: Date.now() + 86_400_000 });
    if (found.outcome !== 'available') throw new Error('The archive is not to be downloaded.');
    const copy = await activities.downloadArchive(key, found.facts);
    const { location } = await activities.verifyCopy(key, found.facts, copy);
    return fileURLToPath(location);
  });
}

function reply(message: EngineReply): void {
  process.send?.(message);
}

function fail(error: unknown): void {
  reply({ failure: error instanceof Error ? (error.stack ?? error.message) : 'It failed.' });
}

const [folder = '', platformUrl = '', ledger = ''] = process.argv.slice(2);
main(folder, platformUrl, ledger).catch(fail);
