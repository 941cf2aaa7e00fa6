import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveFacts } from '../../../src/domain/claim';
import type { ArchiveKey } from '../../../src/domain/ids';
import { DAMAGE_CODES, spyOnFiles, systemError } from '../../store/failing-files';
import { checkBag } from '../../support/check-bag';
import { CountingEnvironment } from '../counting-environment';
import { A_REPAIR, openActivitySite, TENANT, type ActivitySite } from '../activity-site';
import { abandoned, bagOf, daysPass, flipBit, lastEvents, PAYLOAD, repair, sweep } from './after-abandon';
import { NOTHING_DUE } from '../../workflows/script';

let site: ActivitySite;
beforeAll(async () => (site = await openActivitySite()));
afterAll(() => site.close());
beforeEach(() => site.database.query('UPDATE archives SET fixity_due_at = NULL, confirm_due_at = NULL'));
afterEach(() => {
  jest.restoreAllMocks();
});

/** An archive whose copy is due to be verified again. */
async function due(): Promise<ArchiveKey> {
  const key = await abandoned(site);
  await daysPass(site, key, 2);
  return key;
}

describe('the sweep', () => {
  it.each<[what: string, verdict: string, damage: (bag: string) => Promise<void>]>([
    ['one byte at its beginning changed', 'damaged', (bag) => flipBit(join(bag, PAYLOAD), 0)],
    ['one byte in its middle changed', 'damaged', (bag) => flipBit(join(bag, PAYLOAD), 0.5)],
    ['its last byte changed', 'damaged', (bag) => flipBit(join(bag, PAYLOAD), 1)],
    ['its end cut off', 'damaged', (bag) => truncate(join(bag, PAYLOAD), 60_000)],
    ['all of it cut off', 'damaged', (bag) => truncate(join(bag, PAYLOAD), 0)],
    [
      'a manifest that names another checksum',
      'damaged',
      (bag) => flipBit(join(bag, 'manifest-sha256.txt'), 0),
    ],
    ['no manifest', 'damaged', (bag) => rm(join(bag, 'manifest-sha256.txt'))],
    [
      'another size in its bag-info',
      'damaged',
      (bag) => replaceIn(join(bag, 'bag-info.txt'), 'Oxum: 6', 'Oxum: 7'),
    ],
    ['no bag', 'missing', (bag) => rm(bag, { recursive: true })],
    ['a bag without its archive', 'missing', (bag) => rm(join(bag, PAYLOAD))],
  ])('reports a copy with %s as %s, and a repair fixes it', async (_, verdict, damage) => {
    const key = await due();
    const { sha256 } = (await site.ledger.find(key))!;
    await damage(bagOf(site, key));

    expect(await sweep(site)).toEqual({ ...NOTHING_DUE, rechecked: 1, damaged: [key] });
    expect(await site.ledger.find(key)).toMatchObject({
      state: 'abandoned',
      attention: { reason: 'CopyDamaged' },
      fixity: { ok: false },
    });
    expect(await lastEvents(site, key, 1)).toMatchObject([
      { type: 'fixity check', outcome: 'failure', detail: { verdict } },
    ]);

    expect(await repair(site, key, 'a-repair')).toBe('repair');
    expect(await checkBag(bagOf(site, key))).toEqual([]);
    const healed = await site.ledger.find(key);
    expect(healed).toMatchObject({ state: 'abandoned', sha256, fixity: { ok: true } });
    expect(healed).toHaveProperty('attention', undefined);
    await daysPass(site, key, 1);
    expect(await sweep(site)).toMatchObject({ rechecked: 1, whole: 1, damaged: [] });
  });

  it('reads a copy twice before it counts as damaged, because the reader may be at fault', async () => {
    await due();
    const read = await spyOnFiles('read');
    read.spy.mockImplementationOnce(async function (this: FileHandle, buffer, ...rest) {
      const result = (await read.original.call(this, buffer, ...rest)) as { bytesRead: number };
      (buffer as Buffer)[0]! ^= 1;
      return result;
    });
    expect(await sweep(site)).toMatchObject({ rechecked: 1, whole: 1, damaged: [] });
  });

  it.each(DAMAGE_CODES)(
    'treats an unreadable copy (%s) as damaged, if the store is the expected one',
    async (code) => {
      const key = await due();
      (await spyOnFiles('read')).spy.mockRejectedValue(systemError(code));
      expect(await sweep(site)).toEqual({ ...NOTHING_DUE, rechecked: 1, damaged: [key] });
      jest.restoreAllMocks();
      expect(await repair(site, key, 'of-the-sector')).toBe('whole');
    },
  );

  it('counts the repairs', async () => {
    const key = await due();
    const counting = new CountingEnvironment();
    await rm(bagOf(site, key), { recursive: true });
    await sweep(site);
    const { facts } = (await site.runWith(A_REPAIR, 'beginRepair', key)) as { facts: ArchiveFacts };
    const copy = await site.runWith(A_REPAIR, 'downloadArchive', key, facts);
    const { environment } = counting;
    await site.runWith({ environment }, 'verifyCopy', key, facts, copy);
    expect(counting.valueOf('archivist_copies_repaired', TENANT)).toBe(1);
  });
});

async function replaceIn(path: string, old: string, fresh: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  expect(text).toContain(old);
  await writeFile(path, text.replace(old, fresh));
}
