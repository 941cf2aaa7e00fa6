import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createLedger } from '../../src/ledger/ledger';
import { openPostgres } from '../../src/ledger/postgres';
import { parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { matching } from '../simulator/matchers';
import { createDatabase } from '../support/postgres';
import type { Running } from '../support/processes';
import { expectClaimed } from './expect-claimed';
import { hostileArchives, type Hostile } from './hostile-answers';
import { newSecret, TENANT } from './site';
import { failuresOf } from './failures-of';
import { claimOf, openTemporalSite, type TemporalSite } from './temporal-site';
import { findMarkers, textOf, tracesInTemporal, type Trace } from './traces';
import { until } from './until';

jest.setTimeout(240_000);

const PERSON = 'Zoë "Zo" Mustermann-Vermerk';
const EMAIL = 'zoe.vermerk@privat.example';
const META = 'Vermerk: Kreditgespräch Nr. 4711-0815';
const HOSTILE = 'Erika Vermerk <erika.vermerk@privat.example>';

/** Records are read for half a minute after an abandon that shows no effect. */
const ABANDON_MS = 90_000;

/** A part that JSON.parse and JSON.stringify would not give back. */
const ODD_BUT_VALID = `{ "zahl" : 12345678901234567890.10, "note":"\\u00fc",\n\t`;

let site: TemporalSite;
let processes: readonly Running[];
let database: string;
let markers: Readonly<Record<string, string>>;
const recordsSent = new Map<string, string[]>();
const hostile = hostileArchives(HOSTILE);

beforeAll(async () => {
  database = await createDatabase();
  site = await openTemporalSite({ ledger: database, env: { ARCHIVIST_LOG_LEVEL: 'trace' } });
  Object.assign(site.rules, rulesOf(hostile));
  const { password } = new URL(database);
  const { apiKey, callback } = site.secrets;
  markers = { PERSON, EMAIL, META, HOSTILE, apiKey, callback, ...(password.length > 9 && { password }) };
  await site.done('setup');
  processes = await Promise.all([site.start('gateway'), site.start('worker')]);
  await site.subscribe(processes[0]!);
});
afterAll(() => site.close());

/** The proxy passes odd but valid records on, and lets each hostile archive answer as it likes. */
function rulesOf(archives: Readonly<Record<string, Hostile>>): TemporalSite['rules'] {
  const hostileOf = (id: string): Hostile | undefined => archives[id.replace(/^conference-of-/, '')];
  return {
    onRequest: async (passing) => await hostileOf(passing.id)?.answers?.onRequest?.(passing),
    async onAnswer(passing, answer) {
      const known = hostileOf(passing.id);
      if (known) return await known.answers?.onAnswer?.(passing, answer);
      if (passing.endpoint !== 'record' || answer.statusCode !== 200) return undefined;
      const body = answer.body.replace('{', ODD_BUT_VALID);
      recordsSent.set(passing.id, [...(recordsSent.get(passing.id) ?? []), body]);
      return { ...answer, body };
    },
  };
}

function logs(): readonly Trace[] {
  return processes.map((process, index) => ({ where: `output of process ${index}`, text: process.output() }));
}

async function outputOf(...args: readonly string[]): Promise<Trace> {
  const { stdout, stderr } = await site.run(...args);
  return { where: `archivist ${args.join(' ')}`, text: `${stdout}${stderr}` };
}

async function recordInLedger(archiveId: string): Promise<string> {
  const ledger = createLedger(openPostgres(database));
  try {
    const key = { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(archiveId) };
    return String(await ledger.findRecord(key));
  } finally {
    await ledger.close();
  }
}

test('the privacy search finds hidden text', () => {
  const value = {
    payloads: [{ data: Buffer.from(`"${EMAIL}"`) }],
    log: Buffer.from(PERSON).toString('base64'),
  };
  expect(findMarkers([{ where: 'here', text: textOf(value) }], { PERSON, EMAIL, META })).toEqual([
    'PERSON in here',
    'EMAIL in here',
  ]);
});

test('personal data goes unchanged from the platform to the ledger and the bag, and nowhere else', async () => {
  const [archive] = await site.simulator.createArchives({
    archiveId: 'well-behaved',
    size: 50_000,
    record: { expert: { name: PERSON, email: EMAIL }, room: 7 },
    notify: { conferenceMeta: { subject: META, participants: [{ name: PERSON, email: EMAIL }] } },
  });
  const { archiveId } = archive!;
  await site.simulator.untilStatus(archiveId, 'ABANDONED');
  await claimOf(site, archiveId).result();
  await expectClaimed(site, archive!);
  expect(await site.simulator.journal({ kind: 'delivery', archiveId })).toMatchObject([
    { answer: 'accepted' },
  ]);

  const [frontDoor, ...others] = logs();
  const traces = [
    frontDoor!,
    ...(await tracesInTemporal(site, archiveId)),
    await outputOf('status', archiveId, '--json'),
    await outputOf('list', '--json'),
    await outputOf('claim', archiveId, '--wait', '--json'),
  ];
  for (const { where, text } of traces) expect({ where, text }).toEqual({ where, text: matching(archiveId) });
  traces.push(...others, await outputOf('status', archiveId));
  expect(findMarkers(traces, markers)).toEqual([]);

  const kept = await readFile(join(site.bagOf(archiveId), 'metadata', 'record.json'), 'utf8');
  expect(recordsSent.get(archiveId)).toContain(kept);
  expect(kept).toContain(ODD_BUT_VALID);
  expect(kept).toContain(EMAIL);
});

test('a platform that quotes personal data in the wrong places does not spread it', async () => {
  const ids = Object.keys(hostile);
  // No abandon is sent any more once an archive of the tenant names no conference.
  const ofAbandons = ids.filter((id) => id.includes('abandon'));
  await announceAndAwait(ofAbandons);
  await announceAndAwait(ids.filter((id) => !ofAbandons.includes(id)));
  const forged = { archiveId: 'nobody', conferenceId: META, conferenceMeta: { [META]: PERSON } };
  await site.simulator.notify('well-behaved', forged);
  await until('the claim of nobody to end', async () => {
    const description = await claimOf(site, 'nobody')
      .describe()
      .catch(() => undefined);
    return description?.status.name === 'FAILED';
  });
  ids.push('nobody');
  const traces = [...logs(), await outputOf('list', '--json'), await outputOf('claim', 'nobody', '--json')];
  for (const archiveId of ids) traces.push(...(await tracesInTemporal(site, archiveId)));
  for (const archiveId of ['odd-status-after-abandon', 'odd-status', 'nobody'])
    traces.push(await outputOf('status', archiveId, '--json'));
  expect(findMarkers(traces, markers)).toEqual([]);
  expect(site.unsafeAbandons).toEqual([]);
});

async function announceAndAwait(ids: readonly string[]): Promise<void> {
  for (const archiveId of ids) {
    const conferenceId = `conference-of-${archiveId}`;
    await site.simulator.createArchives({
      archiveId,
      conferenceId,
      size: 5_000,
      ...hostile[archiveId]?.spec,
    });
  }
  for (const archiveId of ids) {
    const failure = hostile[archiveId]?.failure;
    await until(
      `${archiveId} to run into ${failure ?? ''}`,
      async () => (await failuresOf(site, archiveId)).includes(failure),
      ABANDON_MS,
    );
  }
}

test('a failing command quotes no secret', async () => {
  const secret = newSecret();
  const tenant = { baseUrl: 'https://acme.live.flexperto.com', apiKey: secret };
  const unreachable = `postgres://archivist:${secret}@127.0.0.1:1/archivist`;
  const mistaken = {
    baseUrl: `https://${secret}:${secret}@acme.example`,
    apiKey: `${secret} ${secret}`,
    callbackSecrets: [secret, `${secret}?`],
  };
  const configs = [
    { tenants: { [TENANT]: tenant }, ledger: unreachable },
    { tenants: { [TENANT]: mistaken }, ledger: unreachable.replace('postgres:', 'mysql:'), stroe: secret },
  ];
  for (const [index, config] of configs.entries()) {
    const file = join(site.folder, `wrong-${index}.yaml`);
    await writeFile(file, stringify(config));
    const { code, stdout, stderr } = await site.run('gateway', '--config', file);
    expect({ index, code }).toEqual({ index, code: index === 0 ? 1 : 2 });
    expect(findMarkers([{ where: stderr, text: `${stdout}${stderr}` }], { secret })).toEqual([]);
  }
});

test('the ledger keeps the record as the platform sent it', async () => {
  await Promise.all(processes.map((process) => process.stop()));
  expect(recordsSent.get('well-behaved')).toContain(await recordInLedger('well-behaved'));
  expect(findMarkers(logs(), markers)).toEqual([]);
});
