import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type Activities } from '../../src/activities/create-activities';
import type { Dependencies } from '../../src/activities/dependencies';
import { createListReader } from '../../src/activities/reconciliation/list-reader';
import { expiryTerms } from '../../src/activities/claim/facts';
import { parseConfig } from '../../src/config/load-config';
import { CLAIM_ARCHIVE, type ArchiveFacts, type SecuredArchive } from '../../src/domain/claim';
import { REPAIR_COPY } from '../../src/domain/sweep';
import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import { createLedger } from '../../src/ledger/ledger';
import type { Database } from '../../src/ledger/postgres';
import { createPlatforms } from '../../src/platform/create-platform';
import { startSimulator, type ArchivesSpec, type Simulator } from '../../src/simulator';
import { openStore } from '../../src/store/open-store';
import { activityEnvironment, type ActivityEnvironment } from '../support/activity-environment';
import { openDatabase } from '../support/postgres';

/** The real activities, with the simulator as the platform, a store in a temporary folder and a ledger on PostgreSQL. */
export interface ActivitySite extends Dependencies {
  readonly simulator: Simulator;
  readonly database: Database;
  readonly folder: string;
  /** Makes an archive that is AVAILABLE unless `spec` says otherwise, and is never announced. */
  archive(spec?: ArchivesSpec): Promise<ArchiveKey>;
  /** Runs an activity once, as Temporal would, in a run of its own: what it throws is what Temporal would see. */
  run<Name extends keyof Activities>(
    name: Name,
    ...args: Parameters<Activities[Name]>
  ): Promise<Awaited<ReturnType<Activities[Name]>>>;
  /** The same with other dependencies, another attempt, or in a given run. */
  runWith<Name extends keyof Activities>(
    other: Partial<Dependencies> & Attempt,
    name: Name,
    ...args: Parameters<Activities[Name]>
  ): Promise<Awaited<ReturnType<Activities[Name]>>>;
  close(): Promise<void>;
}

interface Attempt {
  readonly attempt?: number;
  readonly runId?: string;
  readonly workflowType?: string;
  readonly environment?: ActivityEnvironment;
}

/** The workflow type of a repair's attempts. */
export const A_REPAIR = { workflowType: REPAIR_COPY };

export const TENANT = parseTenantId('acme');

export interface ActivitySiteOptions {
  /** Path templates of the tenant that are not the usual ones. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Something that stands before the platform. @returns its address */
  readonly before?: (platformUrl: string) => Promise<string>;
}

export async function openActivitySite({
  endpoints = {},
  before,
}: ActivitySiteOptions = {}): Promise<ActivitySite> {
  const folder = await mkdtemp(join(tmpdir(), 'archivist-activities-'));
  const simulator = await startSimulator();
  const baseUrl = before ? await before(simulator.url) : simulator.url;
  const tenant = { baseUrl, apiKey: simulator.apiKey, endpoints };
  const written = JSON.stringify({ tenants: { [TENANT]: tenant } });
  const config = parseConfig(written, join(folder, 'archivist.yaml'), {});
  const database = await openDatabase();
  const store = openStore(`file:${join(folder, 'archives')}`);
  await store.initialise();
  const platforms = createPlatforms(config.tenants);
  const { platformOf } = platforms;
  const ledger = createLedger(database);
  const workerId = 'worker-of-tests';
  const sources = { platformOf, ledger, workerId, expiry: expiryTerms(config.expiry) };
  const dependencies: Dependencies = {
    platformOf,
    store,
    ledger,
    workerId,
    settings: config.claim,
    expiry: sources.expiry,
    lists: createListReader(sources, { pauseFactor: 0, pollMs: 10 }),
  };

  const runWith: ActivitySite['runWith'] = async (other, name, ...args) => {
    const {
      attempt = 1,
      runId = randomUUID(),
      workflowType = CLAIM_ARCHIVE,
      environment,
      ...replaced
    } = other;
    const activity = createActivities({ ...dependencies, ...replaced })[name] as unknown as (
      ...all: typeof args
    ) => Promise<never>;
    const place = environment ?? activityEnvironment(attempt, { runId, workflowType });
    return await place.run(() => activity(...args));
  };
  return {
    ...dependencies,
    simulator,
    database,
    folder,
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

/** What a workflow gives `awaitAvailable`. */
export function untilTomorrow() {
  return { deadlineAt: Date.now() + 24 * 60 * 60_000 };
}

/** The facts of an archive that is available, as `awaitAvailable` gives them. */
export async function factsOf(site: ActivitySite, key: ArchiveKey): Promise<ArchiveFacts> {
  const found = await site.run('awaitAvailable', key, untilTomorrow());
  if (found.outcome !== 'available') throw new Error('The archive is not to be downloaded.');
  return found.facts;
}

/** Brings an archive as far as `secured`, each step in a run of its own. */
export async function secure(site: ActivitySite, key: ArchiveKey): Promise<SecuredArchive> {
  const facts = await factsOf(site, key);
  const copy = await site.run('downloadArchive', key, facts);
  return await site.run('verifyCopy', key, facts, copy);
}

/** Brings an archive to its end. */
export async function claim(site: ActivitySite, key: ArchiveKey): Promise<SecuredArchive> {
  const secured = await secure(site, key);
  await site.run('abandonArchive', key, secured);
  return secured;
}

/** Requests that the platform got about an archive's conference or the archive itself. */
export async function requestsTo(simulator: Simulator, endpoint: string, key: ArchiveKey): Promise<number> {
  const { conferenceId } = await simulator.archive(key.archiveId);
  const filter = endpoint === 'abandon' ? { endpoint, conferenceId } : { endpoint, archiveId: key.archiveId };
  return (await simulator.journal(filter)).length;
}
