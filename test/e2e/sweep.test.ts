import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client as Postgres } from 'pg';
import { request } from 'undici';
import { freePort } from '../../src/processes/free-port';
import { flipBit, PAYLOAD } from '../activities/sweep/after-abandon';
import { matching } from '../simulator/matchers';
import { checkBag } from '../support/check-bag';
import { createDatabase } from '../support/postgres';
import type { Running } from '../support/processes';
import { downloadsOf } from './expect-claimed';
import { sha256Of } from './sha256';
import { TENANT } from './site';
import { claimOf, openTemporalSite, type TemporalSite } from './temporal-site';
import { findMarkers, textOf } from './traces';
import { until } from './until';

const HOST = '127.0.0.1';
const PERSON = 'Zoë Mustermann-Vermerk';
const ARCHIVES = ['hurt', 'fine'];

describe('an abandoned archive, in real processes,', () => {
  let site: TemporalSite;
  let up: Running;
  let ledger: string;
  let metrics: string;
  beforeAll(async () => {
    const port = await freePort(HOST);
    metrics = `http://${HOST}:${port + 1}/metrics`;
    ledger = await createDatabase();
    site = await openTemporalSite({
      ledger,
      config: {
        expiry: { recheck: '1 second', period: '2 seconds' },
        sweep: { every: '1 second' },
        metrics: { host: HOST, port },
      },
    });
    up = await site.start('up');
    await site.subscribe(up);
  });
  afterAll(() => site.close());

  /** The sum of a counter over all its series; `undefined` if it is not served. */
  async function counterOf(name: string): Promise<number | undefined> {
    const { body } = await request(metrics);
    const lines = (await body.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
    if (lines.length === 0) return undefined;
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  it('is downloaded again if its copy is damaged, before the platform deletes the file', async () => {
    site.rules.onAnswer = async ({ endpoint, id }) => {
      if (endpoint === 'abandon' && id === 'conference-hurt')
        await flipBit(join(site.bagOf('hurt'), PAYLOAD), 0.5);
      return undefined;
    };
    for (const archiveId of ARCHIVES) {
      const conferenceId = `conference-${archiveId}`;
      const record = { expert: { name: PERSON } };
      await site.simulator.createArchives({ archiveId, conferenceId, size: 50_000, record });
    }
    await until(
      'the copy to be repaired',
      async () => (await downloadsOf(site.simulator, 'hurt')).length === 2,
    );
    await until(
      'the damage to be counted',
      async () => (await counterOf('archivist_copies_damaged_total')) === 1,
    );
    await until(
      'the repair to be recorded',
      async () => !(await site.done('status', 'hurt')).includes('(damaged)'),
    );

    expect(await downloadsOf(site.simulator, 'fine')).toHaveLength(1);
    const aside = await readdir(join(site.folder, 'data', 'archives', '.damaged', TENANT));
    expect(aside).toEqual([matching(/^hurt\./)]);
    for (const archiveId of ARCHIVES) {
      const { sha256 } = await site.simulator.archive(archiveId);
      expect(await checkBag(site.bagOf(archiveId))).toEqual([]);
      expect(await sha256Of(join(site.bagOf(archiveId), PAYLOAD))).toBe(sha256);
    }
  });

  it('is closed once the platform reports that the file is gone', async () => {
    for (const archiveId of ARCHIVES) await site.simulator.setStatus(archiveId, { status: 'EXPIRED' });
    // The platform is asked again an hour later, as its time was over already.
    await sql(`UPDATE archives SET confirm_due_at = now() WHERE confirm_due_at IS NOT NULL`);
    await until('both to be closed', async () => /^closed +2$/m.test(await site.done('status')));
    expect(await site.done('status')).toMatch(/^abandoned +0$/m);
    const listed = (await site.done('list', '--state', 'closed', '--json')).trim().split('\n');
    expect(listed.map((line) => JSON.parse(line) as unknown)).toMatchObject(
      ARCHIVES.map(() => ({ state: 'closed', expiredAt: matching(/^\d{4}-/), fixity: { ok: true } })),
    );
    expect(await site.done('list', '--state', 'abandoned')).toBe('There are no such archives.\n');
  });

  async function sql(statement: string): Promise<void> {
    const client = new Postgres({ connectionString: ledger });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  }

  it('leaves no personal data in Temporal', async () => {
    const traces = [{ where: 'up', text: up.output() }];
    for await (const { workflowId, runId } of site.client.workflow.list()) {
      const handle = site.client.workflow.getHandle(workflowId, runId);
      const { raw } = await handle.describe();
      traces.push({ where: workflowId, text: textOf([await handle.fetchHistory(), raw]) });
    }
    const workflows = traces.map(({ where }) => where);
    for (const workflowId of ['claim:acme:hurt', 'repair:acme:hurt', matching(/^sweep:acme/)])
      expect(workflows).toContainEqual(workflowId);
    expect(findMarkers(traces, { PERSON })).toEqual([]);
  });

  it('remains in the ledger with the evidence when no process runs any more', async () => {
    expect(await up.stop()).toMatchObject({ code: 0 });
    expect(JSON.parse(await site.done('status', 'hurt', '--json'))).toMatchObject({
      state: 'closed',
      ledger: { expiredAt: matching(/^\d{4}-/), fixity: { ok: true } },
      temporal: { status: 'COMPLETED' },
    });
    await expect(claimOf(site, 'hurt').describe()).resolves.toMatchObject({ status: { name: 'COMPLETED' } });
  });

  it('is verified on demand, one line each, and the command fails if a copy is damaged', async () => {
    const { sha256 } = await site.simulator.archive('fine');
    const lines = (await site.done('verify', '--all', '--json')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { tenant: TENANT, archiveId: 'fine', status: 'whole', sizeBytes: 50_000, sha256 },
      { tenant: TENANT, archiveId: 'hurt', status: 'whole' },
    ]);

    await flipBit(join(site.bagOf('fine'), PAYLOAD), 0.5);
    const damaged = await site.run('verify', 'fine', 'hurt', 'nobody');
    expect(damaged).toMatchObject({ code: 1, stderr: matching('2 of 3 copies are not whole') });
    expect(damaged.stdout.split('\n').map((line) => line.split(/ {2,}/).slice(1, 3))).toEqual([
      ['fine', 'damaged'],
      ['hurt', 'whole'],
      ['nobody', 'not secured'],
      [],
    ]);
    expect(await site.done('status', 'fine')).toMatch(/^attention +CopyDamaged since/m);
    expect(await checkBag(site.bagOf('hurt'))).toEqual([]);
  });
});
