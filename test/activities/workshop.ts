import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities, type Activities } from '../../src/activities/create-activities';
import type { Dependencies } from '../../src/activities/dependencies';
import { parseConfig } from '../../src/config/load-config';
import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import { createLedger } from '../../src/ledger/create-ledger';
import { createPlatforms } from '../../src/platform/create-platform';
import { startSimulator, type ArchivesSpec, type Simulator } from '../../src/simulator';
import { openStore } from '../../src/store/open-store';
import { activityEnvironment } from '../support/activity-environment';
import { openDatabase } from '../support/postgres';
import { NotedClaims } from './noted-claims';

/** The real activities, with the simulator as the platform, a store in a temporary folder and a ledger on PostgreSQL. */
export interface Workshop extends Dependencies {
  readonly simulator: Simulator;
  /** Makes an archive that is AVAILABLE unless `spec` says otherwise, and is never announced. */
  archive(spec?: ArchivesSpec): Promise<ArchiveKey>;
  /** Runs an activity once, as Temporal would: what it throws is what Temporal would see. */
  run<Name extends keyof Activities>(
    name: Name,
    ...args: Parameters<Activities[Name]>
  ): Promise<Awaited<ReturnType<Activities[Name]>>>;
  /** The same with other dependencies or another attempt. */
  runWith<Name extends keyof Activities>(
    other: Partial<Dependencies> & {
      readonly attempt?: number;
      readonly environment?: MockActivityEnvironment;
    },
    name: Name,
    ...args: Parameters<Activities[Name]>
  ): Promise<Awaited<ReturnType<Activities[Name]>>>;
  close(): Promise<void>;
}

export const TENANT = parseTenantId('acme');

export async function openWorkshop(): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), 'archivist-activities-'));
  const simulator = await startSimulator();
  const config = parseConfig(
    JSON.stringify({ tenants: { [TENANT]: { baseUrl: simulator.url, apiKey: simulator.apiKey } } }),
    join(folder, 'archivist.yaml'),
    {},
  );
  const database = await openDatabase();
  const store = openStore(`file:${join(folder, 'archives')}`);
  await store.initialise();
  const platforms = createPlatforms(config.tenants);
  const dependencies: Dependencies = {
    platformOf: platforms.platformOf,
    store,
    ledger: createLedger(database),
    settings: config.claim,
    expiry: config.expiry,
    claims: new NotedClaims(),
  };

  const runWith: Workshop['runWith'] = async (other, name, ...args) => {
    const { attempt = 1, environment = activityEnvironment(attempt), ...replaced } = other;
    const activity = createActivities({ ...dependencies, ...replaced })[name] as unknown as (
      ...all: typeof args
    ) => Promise<never>;
    return await environment.run<typeof args, never, typeof activity>(activity, ...args);
  };
  return {
    ...dependencies,
    simulator,
    async archive(spec = {}) {
      const [created] = await simulator.createArchives({
        size: 64 * 1024,
        notify: { when: 'never' },
        ...spec,
      });
      const key = { tenant: TENANT, archiveId: parseArchiveId(created?.archiveId) };
      if (spec.statuses === undefined) await simulator.untilStatus(key.archiveId, 'AVAILABLE');
      return key;
    },
    run: (name, ...args) => runWith({}, name, ...args),
    runWith,
    async close() {
      await platforms.close();
      await simulator.close();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The facts of an archive that is available, as `awaitAvailable` gives them. */
export async function factsOf(workshop: Workshop, key: ArchiveKey) {
  const found = await workshop.run('awaitAvailable', key);
  if (found.outcome !== 'available') throw new Error('The archive is not to be downloaded.');
  return found.facts;
}

/** Brings an archive as far as `secured`. */
export async function secure(workshop: Workshop, key: ArchiveKey) {
  const facts = await factsOf(workshop, key);
  const copy = await workshop.run('downloadArchive', key, facts);
  const verified = await workshop.run('verifyCopy', key, facts, copy);
  return await workshop.run('secureCopy', key, facts, verified);
}

/** Requests that the platform got about an archive's conference or the archive itself. */
export async function requestsTo(simulator: Simulator, endpoint: string, key: ArchiveKey): Promise<number> {
  const { conferenceId } = await simulator.archive(key.archiveId);
  const filter = endpoint === 'abandon' ? { endpoint, conferenceId } : { endpoint, archiveId: key.archiveId };
  return (await simulator.journal(filter)).length;
}
