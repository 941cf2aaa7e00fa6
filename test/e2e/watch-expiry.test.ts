import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { freePort } from '../../src/embedded/free-port';
import { flipBit, PAYLOAD } from '../activities/after-abandon';
import { matching } from '../simulator/matchers';
import { checkBag } from '../support/check-bag';
import type { Running } from '../support/processes';
import { downloadsOf } from './expect-claimed';
import { sha256Of } from './sha256';
import { TENANT } from './site';
import { claimOf, setStage, watchOf, type Stage } from './stage';
import { findMarkers, textOf } from './traces';
import { until } from './until';

jest.setTimeout(120_000);

const PERSON = 'Zoë Mustermann-Vermerk';

describe('what was abandoned, in real processes', () => {
  let stage: Stage;
  let up: Running;
  let metrics: string;
  beforeAll(async () => {
    const port = await freePort('127.0.0.1');
    metrics = `http://127.0.0.1:${port}/metrics`;
    stage = await setStage({
      config: { expiry: { recheck: '1 second', period: '2 seconds' }, metrics: { host: '127.0.0.1', port } },
    });
    up = await stage.start('up');
    await stage.subscribe(up);
  });
  afterAll(() => stage.close());

  /** The sum of a counter over all its series; `undefined` where it is not served. */
  async function counterOf(name: string): Promise<number | undefined> {
    const { body } = await request(metrics);
    const lines = (await body.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
    if (lines.length === 0) return undefined;
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  it('is downloaded again where its copy is damaged, before the platform deletes the file', async () => {
    stage.rules.onAnswer = async ({ endpoint, id }) => {
      if (endpoint === 'abandon' && id === 'conference-hurt')
        await flipBit(join(stage.bagOf('hurt'), PAYLOAD), 0.5);
      return undefined;
    };
    for (const archiveId of ['hurt', 'fine']) {
      const conferenceId = `conference-${archiveId}`;
      const record = { expert: { name: PERSON } };
      await stage.simulator.createArchives({ archiveId, conferenceId, size: 50_000, record });
    }
    await until(
      'the copy to be repaired',
      async () => (await counterOf('archivist_copies_repaired_total')) === 1,
    );
    expect(await counterOf('archivist_copies_damaged_total')).toBe(1);

    expect(await downloadsOf(stage.simulator, 'hurt')).toHaveLength(2);
    expect(await downloadsOf(stage.simulator, 'fine')).toHaveLength(1);
    const aside = await readdir(join(stage.folder, 'data', 'archives', '.damaged', TENANT));
    expect(aside).toEqual([matching(/^hurt\./)]);
    for (const archiveId of ['hurt', 'fine']) {
      const { sha256 } = await stage.simulator.archive(archiveId);
      expect(await checkBag(stage.bagOf(archiveId))).toEqual([]);
      expect(await sha256Of(join(stage.bagOf(archiveId), PAYLOAD))).toBe(sha256);
    }
  });

  it('is closed once the platform says that the file is gone', async () => {
    for (const archiveId of ['hurt', 'fine']) {
      await stage.simulator.setStatus(archiveId, { status: 'EXPIRED' });
      await watchOf(stage, archiveId).signal('recheck');
      const { sha256 } = await stage.simulator.archive(archiveId);
      await expect(watchOf(stage, archiveId).result()).resolves.toMatchObject({ state: 'closed', sha256 });
    }
  });

  it('leaves no personal data in Temporal', async () => {
    for (const archiveId of ['hurt', 'fine']) {
      const watch = watchOf(stage, archiveId);
      const { raw } = await watch.describe();
      const text = [await watch.fetchHistory(), raw, await watch.query('progress')].map(textOf).join('\n');
      expect(text).toContain(archiveId);
      expect(findMarkers([{ where: archiveId, text }], { PERSON })).toEqual([]);
    }
    expect(findMarkers([{ where: 'up', text: up.output() }], { PERSON })).toEqual([]);
  });

  it('counts as closed, whoever is asked', async () => {
    const counts = await until('the ledger to know', async () => {
      const answer = await stage.done('status');
      return /^closed +2$/m.test(answer) && answer;
    });
    expect(counts).toMatch(/^abandoned +0$/m);
    const listed = await stage.done('list', '--state', 'closed', '--json');
    expect(
      listed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toHaveLength(2);
    expect(await stage.done('list', '--state', 'abandoned')).toBe('There are no such claims.\n');
  });

  it('is found in the ledger with the evidence', async () => {
    await up.stop();
    expect(await stage.done('status')).toMatch(/^closed +2$/m);
    expect(JSON.parse(await stage.done('status', 'hurt', '--json'))).toMatchObject({
      state: 'closed',
      ledger: { expiredAt: matching(/^\d{4}-/), lastVerifiedAt: matching(/^\d{4}-/) },
      temporal: { status: 'COMPLETED' },
    });
    await expect(claimOf(stage, 'hurt').describe()).resolves.toMatchObject({ status: { name: 'COMPLETED' } });
  });

  it('is verified on demand, a line each, and fails where one is not right', async () => {
    const { sha256 } = await stage.simulator.archive('fine');
    const lines = (await stage.done('verify', '--all', '--json')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { tenant: TENANT, archiveId: 'fine', status: 'whole', sizeBytes: 50_000, sha256 },
      matchingWhole('hurt'),
    ]);

    await flipBit(join(stage.bagOf('fine'), PAYLOAD), 0.5);
    const damaged = await stage.run('verify', 'fine', 'hurt', 'nobody');
    expect(damaged).toMatchObject({ code: 1, stderr: matching('2 of 3 copies are not whole') });
    expect(damaged.stdout.split('\n').map((line) => line.split(/ {2,}/).slice(1, 3))).toEqual([
      ['fine', 'damaged'],
      ['hurt', 'whole'],
      ['nobody', 'not secured'],
      [],
    ]);
    expect(await checkBag(stage.bagOf('hurt'))).toEqual([]);
  });

  function matchingWhole(archiveId: string): unknown {
    return expect.objectContaining({ archiveId, status: 'whole' }) as unknown;
  }
});
