import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { PlatformOf } from '../../../src/platform/create-platform';
import { activityEnvironment } from '../../support/activity-environment';
import { attempt, bring, failure, incomingSizes, MIB, untilDownloads } from './downloading';
import { factsOf, openActivitySite, type ActivitySite } from '../activity-site';

describe('a download that receives few bytes at a time', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  it('sends heartbeats long before Temporal would time it out', async () => {
    const drip = { fault: 'drip', bytesPerSecond: 32 * 1024 } as const;
    const key = await site.archive({ size: 2 * MIB, faults: [drip] });
    const facts = await factsOf(site, key);
    const environment = activityEnvironment();
    const dripping = failure(attempt(site, key, facts, {}, environment));
    // Of the 30 seconds after which it is taken for dead.
    const alive = await Promise.race([once(environment, 'heartbeat'), pause(10_000)]);
    environment.cancel();
    await dripping;
    expect(alive).toEqual([expect.objectContaining({ totalBytes: 2 * MIB })]);
  });

  it('keeps the received bytes when it is interrupted', async () => {
    const faults = [{ fault: 'drip', bytesPerSecond: 128 * 1024, times: 1 }] as const;
    const key = await site.archive({ size: 2 * MIB, faults: [...faults] });
    const facts = await factsOf(site, key);
    const environment = activityEnvironment();
    const dripping = failure(attempt(site, key, facts, {}, environment));
    await untilWritten(key, 128 * 1024, 6_000);
    environment.cancel();
    await dripping;
    await bring(site, key, facts);
    const [, second] = await untilDownloads(site, key, 2);
    expect(second).toMatchObject({ statusCode: 206 });
  });

  async function untilWritten(key: Parameters<typeof incomingSizes>[1], bytes: number, withinMs: number) {
    const end = Date.now() + withinMs;
    while (Date.now() < end) {
      if (Math.max(0, ...(await incomingSizes(site, key))) >= bytes) return;
      await pause(20);
    }
  }

  it('is complete even if the bytes arrive in tiny pieces', async () => {
    const key = await site.archive({ size: 40 * 1024 });
    const facts = await factsOf(site, key);
    const platformOf: PlatformOf = (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        async download(...asked) {
          const download = await platform.download(...asked);
          return { ...download, body: Readable.from(inPieces(download.body, 4)) };
        },
      };
    };
    const { secured, failures } = await bring(site, key, facts, { platformOf });
    expect([secured.sha256, failures]).toEqual([facts.sha256, []]);
  });
});

async function* inPieces(body: Readable, size: number): AsyncGenerator<Buffer> {
  for await (const chunk of body as AsyncIterable<Buffer>)
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
}
