import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Evidence } from './checker/evidence';
import { judge } from './checker/judge';
import { makeUpSite, rewriteBag, status } from './made-up-site';

describe('an archive that is no zip on the platform', () => {
  let store: string;
  let site: Evidence;
  afterEach(() => rm(store, { recursive: true, force: true }));
  beforeEach(async () => {
    store = await mkdtemp(path.join(tmpdir(), 'archivist-flawed-'));
    site = await makeUpSite(store);
    const bytes = Buffer.from('no zip at all');
    const sha256 = await rewriteBag(store, bytes);
    site = {
      ...site,
      archives: site.archives.map((archive) => ({ ...archive, status: 'AVAILABLE', sha256 })),
      journal: [status(1, '05', 'AVAILABLE')],
      rows: site.rows.map((row) => ({ ...row, state: 'secured', sha256, warning: 'ZipUnreadable' })),
    };
  });

  it('is correct as it is if that was planned', async () => {
    const exceptions = new Map([['a1', { end: 'flawed' as const }]]);
    expect(Object.values(await judge({ ...site, exceptions })).flat()).toEqual([]);
  });

  it('counts as damaged otherwise', async () => {
    expect((await judge(site)).corruptBags).toEqual([expect.stringContaining('no zip')]);
  });

  it('must have a warning', async () => {
    const exceptions = new Map([['a1', { end: 'flawed' as const }]]);
    const rows = site.rows.map((row) => ({ ...row, warning: null }));
    expect((await judge({ ...site, exceptions, rows })).unfinished).toHaveLength(1);
  });
});
