import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArchiveId, parseConferenceId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';
import { startSimulator, type ArchivesSpec, type Simulator } from '../../src/simulator';
import { SECRET } from '../gateway/gateway';
import { begin, fence, secure } from '../ledger/archives';
import { createDatabase } from '../support/postgres';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { printed, run } from './printed';

export const TENANT = parseTenantId('acme');

/** A ledger, a platform and Temporal, without any gateway or worker: what commands need, and nothing more. */
export interface CommandSite {
  readonly ledger: Ledger;
  readonly database: Database;
  readonly simulator: Simulator;
  readonly temporal: TestTemporal;
  /** What tells a command of all of them. */
  readonly environment: NodeJS.ProcessEnv;
  /** Makes an archive that is AVAILABLE and never announced. */
  archive(spec?: ArchivesSpec): Promise<Archive>;
  /** Runs a command with `--json`. @returns what it printed, a value for each line @throws what would end it with another code than 0 */
  run(...args: readonly string[]): Promise<Answer[]>;
  /** Runs a command that must fail. @returns what it printed and its message */
  refused(...args: readonly string[]): Promise<{ readonly answers: Answer[]; readonly message: string }>;
  /** What a command writes for people, beside its answer. */
  warnings(...args: readonly string[]): Promise<string>;
  /** The same commands while Temporal does not answer. */
  readonly withoutTemporal: Pick<CommandSite, 'run'>;
  close(): Promise<void>;
}

type Answer = Readonly<Record<string, unknown>>;

export interface Archive extends ArchiveKey {
  readonly conferenceId: ReturnType<typeof parseConferenceId>;
  readonly sha256: string;
}

export async function openCommandSite(): Promise<CommandSite> {
  const folder = await mkdtemp(join(tmpdir(), 'archivist-cli-'));
  const [simulator, temporal, url] = await Promise.all([startSimulator(), testTemporal(), createDatabase()]);
  const database = openPostgres(url);
  await migrate(database);
  const config = {
    tenants: { [TENANT]: { baseUrl: simulator.url, apiKey: simulator.apiKey, callbackSecrets: [SECRET] } },
    ledger: url,
    store: `file:${join(folder, 'archives')}`,
  };
  const file = join(folder, 'archivist.yaml');
  await writeFile(file, JSON.stringify(config));
  // In place of the one that a person may have at home.
  await writeFile(join(folder, 'temporal.toml'), '[profile.default]\n');
  const environment = {
    ARCHIVIST_CONFIG: file,
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
  };
  const commands = (env: NodeJS.ProcessEnv) => ({
    run: async (...args: readonly string[]) => answersIn(await printed([...args, '--json'], env)),
    async refused(...args: readonly string[]) {
      const { stdout, failure } = await run([...args, '--json'], env);
      const message = failure?.error instanceof Error ? failure.error.message : 'It succeeded.';
      return { answers: answersIn(stdout), message };
    },
    warnings: async (...args: readonly string[]) => (await run(args, env)).stderr,
  });
  return {
    ledger: createLedger(database),
    database,
    simulator,
    temporal,
    environment,
    async archive(spec = {}) {
      const [made] = await simulator.createArchives({ size: 1_000, notify: { when: 'never' }, ...spec });
      const { archiveId, conferenceId } = made!;
      if (spec.statuses === undefined) await simulator.untilStatus(archiveId, 'AVAILABLE');
      const { sha256 } = await simulator.archive(archiveId);
      return {
        tenant: TENANT,
        archiveId: parseArchiveId(archiveId),
        conferenceId: parseConferenceId(conferenceId),
        sha256: sha256 ?? '',
      };
    },
    ...commands(environment),
    withoutTemporal: commands({ ...environment, TEMPORAL_ADDRESS: '127.0.0.1:1' }),
    async close() {
      await simulator.close();
      await temporal.close();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** An archive whose claim is under way, or has come to `secured`, by what the ledger says. */
export async function claimed(site: CommandSite, state: 'waiting' | 'secured'): Promise<Archive> {
  const archive = await site.archive();
  const { conferenceId, sha256 } = archive;
  if (state === 'secured') await secure(site.ledger, archive, { conferenceId, sha256 });
  else await site.ledger.beginClaim(archive, fence(1), begin({ conferenceId, sha256 }));
  return archive;
}

function answersIn(stdout: string): Answer[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Answer);
}
