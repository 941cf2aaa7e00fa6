import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ArchiveKey } from '../../src/domain/ids';
import { openStore } from '../../src/store/open-store';
import { checkBag } from '../support/check-bag';
import { abandoned, bagOf, flipBit, lastEvents, PAYLOAD, repair } from './after-abandon';
import { CountingEnvironment } from './counting-environment';
import { openWorkshop, TENANT, type Workshop } from './workshop';

describe('recheckCopy', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  /** Bags of the archive that were moved aside. */
  async function damagedBagsOf(key: ArchiveKey): Promise<readonly string[]> {
    const names = await readdir(join(dirname(dirname(bagOf(workshop, key))), '.damaged', TENANT)).catch(
      () => [],
    );
    return names.filter((name) => name.startsWith(`${key.archiveId}.`));
  }

  it('finds a whole copy whole, leaves it in its place, and records the look', async () => {
    const key = await abandoned(workshop);
    await expect(workshop.run('recheckCopy', key)).resolves.toBe('whole');
    const entry = await workshop.ledger.find(key);
    expect(entry?.recheckedAt).toBeInstanceOf(Date);
    expect(await lastEvents(workshop, key, 1)).toMatchObject([
      { type: 'fixity check', outcome: 'success', detail: { sha256: entry?.sha256 } },
    ]);
    expect(await checkBag(bagOf(workshop, key))).toEqual([]);
    expect(await damagedBagsOf(key)).toEqual([]);
  });

  it.each<[what: string, damage: (bag: string) => Promise<void>]>([
    ['one byte at its beginning changed', (bag) => flipBit(join(bag, PAYLOAD), 0)],
    ['one byte in its middle changed', (bag) => flipBit(join(bag, PAYLOAD), 0.5)],
    ['its last byte changed', (bag) => flipBit(join(bag, PAYLOAD), 1)],
    ['its end cut off', (bag) => truncate(join(bag, PAYLOAD), 60_000)],
    ['all of it cut off', (bag) => truncate(join(bag, PAYLOAD), 0)],
    ['a manifest that names another checksum', (bag) => flipBit(join(bag, 'manifest-sha256.txt'), 0)],
    ['no manifest', (bag) => rm(join(bag, 'manifest-sha256.txt'))],
    ['another size in its bag-info', (bag) => replaceIn(join(bag, 'bag-info.txt'), 'Oxum: 6', 'Oxum: 7')],
  ])('finds a copy with %s damaged, moves its bag aside, and heals by a new download', async (_, damage) => {
    const key = await abandoned(workshop);
    const { sha256 } = await workshop.run('findAbandoned', key);
    await damage(bagOf(workshop, key));

    await expect(workshop.run('recheckCopy', key)).resolves.toBe('damaged');
    await expect(workshop.store.findSealed(key)).resolves.toBeUndefined();
    expect(await damagedBagsOf(key)).toHaveLength(1);
    expect((await lastEvents(workshop, key, 1))[0]).toMatchObject({
      type: 'fixity check',
      outcome: 'failure',
    });

    await repair(workshop, key);
    expect(await checkBag(bagOf(workshop, key))).toEqual([]);
    await expect(workshop.store.findSealed(key)).resolves.toMatchObject({ sha256 });
    await expect(workshop.run('recheckCopy', key)).resolves.toBe('whole');
    expect(await lastEvents(workshop, key, 3)).toMatchObject([
      { type: 'fixity check', outcome: 'success' },
      { type: 'recovery', outcome: 'success', detail: { sha256 } },
      { type: 'fixity check', outcome: 'success' },
    ]);
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned', sha256 });
  });

  it.each<[what: string, damage: (bag: string) => Promise<void>]>([
    ['no bag', (bag) => rm(bag, { recursive: true })],
    ['a bag without its archive', (bag) => rm(join(bag, PAYLOAD))],
  ])('finds a copy with %s missing, and heals by a new download', async (_, damage) => {
    const key = await abandoned(workshop);
    await damage(bagOf(workshop, key));
    await expect(workshop.run('recheckCopy', key)).resolves.toBe('missing');
    expect((await lastEvents(workshop, key, 1))[0]).toMatchObject({
      type: 'fixity check',
      outcome: 'failure',
      detail: {},
    });
    await repair(workshop, key);
    expect(await checkBag(bagOf(workshop, key))).toEqual([]);
    await expect(workshop.run('recheckCopy', key)).resolves.toBe('whole');
  });

  it("moves another archive's bag nowhere", async () => {
    const [key, other] = [await abandoned(workshop), await abandoned(workshop)];
    await rm(bagOf(workshop, key), { recursive: true });
    await cp(bagOf(workshop, other), bagOf(workshop, key), { recursive: true });
    await expect(workshop.run('recheckCopy', key)).rejects.toMatchObject({ type: 'StoreConflict' });
    expect(await checkBag(bagOf(workshop, key))).toEqual([]);
  });

  it('does not take a store that cannot be used for a copy that is gone', async () => {
    const key = await abandoned(workshop);
    const elsewhere = await mkdtemp(join(tmpdir(), 'archivist-unmounted-'));
    const store = openStore(`file:${elsewhere}`);
    await expect(workshop.runWith({ store }, 'recheckCopy', key)).rejects.toMatchObject({
      type: 'StoreUnavailable',
      nonRetryable: false,
    });
    expect((await lastEvents(workshop, key, 1))[0]).toMatchObject({ type: 'policy assignment' });
    await rm(elsewhere, { recursive: true });
  });

  it('counts a copy once, however often it is found damaged, and once more when it is repaired', async () => {
    const key = await abandoned(workshop);
    const counting = new CountingEnvironment();
    const { environment } = counting;
    await workshop.runWith({ environment }, 'recheckCopy', key);
    expect(counting.countOf('archivist_copies_damaged', TENANT)).toBe(0);
    expect(counting.countOf('archivist_copies_repaired', TENANT)).toBe(0);

    await flipBit(join(bagOf(workshop, key), PAYLOAD), 0.5);
    for (const verdict of ['damaged', 'missing', 'missing'])
      await expect(workshop.runWith({ environment }, 'recheckCopy', key)).resolves.toBe(verdict);
    expect(counting.countOf('archivist_copies_damaged', TENANT)).toBe(1);

    await repair(workshop, key);
    await workshop.runWith({ environment }, 'recordRepair', key);
    expect(counting.countOf('archivist_copies_repaired', TENANT)).toBe(0);
    await rm(bagOf(workshop, key), { recursive: true });
    await workshop.runWith({ environment }, 'recheckCopy', key);
    await workshop.runWith({ environment }, 'recordRepair', key);
    await workshop.runWith({ environment }, 'recordRepair', key);
    expect(counting.countOf('archivist_copies_damaged', TENANT)).toBe(2);
    expect(counting.countOf('archivist_copies_repaired', TENANT)).toBe(1);
  });
});

async function replaceIn(path: string, old: string, fresh: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  expect(text).toContain(old);
  await writeFile(path, text.replace(old, fresh));
}
