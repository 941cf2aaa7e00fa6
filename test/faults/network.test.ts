import { setTimeout as pause } from 'node:timers/promises';
import type { FaultRule } from '../../src/simulator';
import { downloadsOf } from './evidence';
import { expectOvercome, PATIENCE_MS } from './in-spite-of';
import { Line } from './line';
import { openFaultSite, type FaultSite } from './fault-site';

const MIB = 1024 * 1024;

describe('a broken network', () => {
  let site: FaultSite;
  let line: Line;
  beforeAll(async () => {
    site = await openFaultSite({
      async reach(url) {
        line = new Line(url);
        await line.open();
        return line.url;
      },
    });
  }, PATIENCE_MS);
  afterAll(async () => {
    await site.close();
    await line.close();
  });

  const WHOLE: readonly [string, number, readonly FaultRule[]][] = [
    ['with a strong ETag', 4 * MIB, []],
    ['with a weak ETag', 4 * MIB, [{ fault: 'weakETag' }]],
    ['without an ETag', 4 * MIB, [{ fault: 'noETag' }]],
    ['so large that it is read back while it comes', 24 * MIB, []],
  ];

  it.each(WHOLE)(
    'causes only a request for the rest of a file, %s',
    async (name, size, faults) => {
      const archiveId = name.replaceAll(' ', '-');
      const arrived = size - MIB;
      line.breakOnce(`${archiveId}/download`, arrived);
      const claim = await site.claim({ archiveId, size, faults: [...faults] });
      await claim.handle.result();
      await expectOvercome(site, claim, ['downloadArchive: TransferInterrupted']);
      const [, second, ...others] = await downloadsOf(site, claim);
      expect(others).toEqual([]);
      expect(second).toMatchObject({ statusCode: 206, range: { end: size } });
      expect(second?.range?.start).toBeGreaterThanOrEqual(arrived - 2 * MIB);
      expect(second?.range?.start).toBeLessThanOrEqual(arrived);
    },
    PATIENCE_MS,
  );

  it(
    'that transmits nothing for a while only delays a claim',
    async () => {
      await line.close();
      const claim = await site.claim({});
      while (claim.failures.length < 2) await pause(20);
      await line.open();
      await claim.handle.result();
      await expectOvercome(site, claim, { each: 'awaitAvailable: PlatformUnavailable' });
    },
    PATIENCE_MS,
  );
});
