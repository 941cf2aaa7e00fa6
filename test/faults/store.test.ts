import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SEALED, type ArchiveStore } from '../../src/store/archive-store';
import { openStore } from '../../src/store/open-store';
import { until } from '../e2e/until';
import { downloadsOf, expectNothingAbandoned } from './evidence';
import { expectOvercome, PATIENCE_MS } from './in-spite-of';
import { openFaultSite, type FaultyClaim, type FaultSite } from './fault-site';
import { Volume } from './volume';

const MIB = 1024 * 1024;

describe('an archive is claimed despite a store', () => {
  const volume = new Volume();
  /** Only root may mount a filesystem that is soon full. */
  const whereItIsSmall = volume.isOwn ? it : it.skip;
  let site: FaultSite;
  beforeAll(async () => {
    const store = openStore(`file:${volume.path}`);
    await store.initialise();
    site = await openFaultSite({ store: withBitRot(store, volume.path) });
  }, PATIENCE_MS);
  afterAll(async () => {
    await site.close();
    volume.close();
  });

  whereItIsSmall(
    'that has no room for the length that is announced: nothing is written until it has',
    async () => {
      await volume.leave(4 * MIB);
      const before = await volume.names();
      const claim = await site.claim({ size: 5 * MIB });
      await untilFailed(claim, 2);
      expect(await volume.names()).toEqual(before);
      await expectNothingAbandoned(site, claim);
      await volume.clear();
      await claim.handle.result();
      await expectOvercome(site, claim, { each: 'downloadArchive: StoreFull' });
    },
    PATIENCE_MS,
  );

  whereItIsSmall(
    'that is full half-way: what was written is cleared away, until there is room',
    async () => {
      await volume.leave(4 * MIB);
      const claim = await site.claim({ size: 5 * MIB, faults: [{ fault: 'chunked' }] });
      await untilFailed(claim, 2);
      await until('nothing is left of it', async () => (await incoming(volume)).length === 0);
      await expectNothingAbandoned(site, claim);
      await volume.clear();
      await claim.handle.result();
      await expectOvercome(site, claim, { each: 'downloadArchive: StoreFull' });
    },
    PATIENCE_MS,
  );

  it(
    'that is not mounted: nothing is written to the directory in its place',
    async () => {
      const bringBack = await volume.hideMarker();
      const before = await volume.names();
      const claim = await site.claim({});
      await untilFailed(claim, 2);
      expect(await volume.names()).toEqual(before);
      await expectNothingAbandoned(site, claim);
      await bringBack();
      await claim.handle.result();
      await expectOvercome(site, claim, { each: 'awaitAvailable: StoreUnavailable' });
    },
    PATIENCE_MS,
  );

  it.each([MIB, 20 * MIB])(
    'that returns wrong bytes (%d of them)',
    async (size) => {
      const claim = await site.claim({ archiveId: `rotten-${size}`, size });
      await claim.handle.result();
      await expectOvercome(site, claim, ['verifyCopy: ChecksumMismatch']);
      expect(await downloadsOf(site, claim)).toHaveLength(2);
    },
    PATIENCE_MS,
  );

  it(
    'that loses a bag before the abandon: the archive is downloaded again first',
    async () => {
      const faults = [{ fault: 'status', endpoint: 'abandon', statusCode: 503 }] as const;
      const claim = await site.claim({ faults: [...faults] });
      await untilFailed(claim, 2);
      await rm(site.bagOf(claim.key), { recursive: true });
      await site.simulator.clearFaults();
      await claim.handle.result();
      const refusals = claim.failures.slice(0, -1).map(() => 'abandonArchive: AbandonUnconfirmed');
      await expectOvercome(site, claim, [...refusals, 'abandonArchive: CopyMissing']);
      expect(await downloadsOf(site, claim)).toHaveLength(2);
    },
    PATIENCE_MS,
  );
});

async function untilFailed({ failures }: FaultyClaim, times: number): Promise<void> {
  while (failures.length < times) await pause(20);
}

async function incoming(volume: Volume): Promise<readonly string[]> {
  return (await volume.names()).filter((name) => name.startsWith('.incoming') && name.endsWith('.zip'));
}

/** Of the first copy of an archive whose id says so, one byte is another one by the time that it is read back. */
function withBitRot(store: ArchiveStore, root: string): ArchiveStore {
  const rotten = new Set<string>();
  return {
    ...store,
    async open(key, copyId) {
      if (key.archiveId.startsWith('rotten') && copyId !== SEALED && !rotten.has(key.archiveId)) {
        rotten.add(key.archiveId);
        await spoilByte(join(root, '.incoming', key.tenant, key.archiveId, copyId, 'data/archive.zip'));
      }
      return await store.open(key, copyId);
    },
  };
}

async function spoilByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, 1000);
  await file.write(Buffer.from([byte.readUInt8() ^ 1]), 0, 1, 1000);
  await file.close();
}
