import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import type { Platform } from '../../src/platform/create-platform';
import { KEY, rejection, startHostilePlatform, untouched, type HostilePlatform } from './hostile-platform';

let server: HostilePlatform;
beforeAll(async () => {
  server = await startHostilePlatform();
});
afterAll(() => server.close());

const LIMIT_MS = 300;
/** No byte comes late. */
const client = () => server.client({}, { stalledAfterMs: 60_000, answerLimitMs: LIMIT_MS });

/** White space, which is allowed before JSON and after it, for `forMs`, and then the answer. */
function dripFor(forMs: number, answer: string): void {
  server.answerWith((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(' ');
    const drip = setInterval(() => response.write(' '), 20);
    const end = setTimeout(() => response.end(answer), forMs);
    response.once('close', () => {
      clearInterval(drip);
      clearTimeout(end);
    });
  });
}

const SMALL: Record<string, (platform: Platform, signal: AbortSignal) => Promise<unknown>> = {
  'the record': (platform, signal) => platform.fetchRecord(KEY, signal),
  'the list of subscriptions': (platform, signal) => platform.listSubscriptions(signal),
  'the reports': (platform, signal) => platform.reports('s1', signal),
  'the registration': (platform, signal) => platform.register('https://us.example.org/x', signal),
  'the deletion': (platform, signal) => platform.deleteSubscription('s1', signal),
};

describe.each(Object.entries(SMALL))('a slow response: %s', (name, ask) => {
  it('times out after the limit for the whole response, which the failure names', async () => {
    dripFor(10_000, '[]');
    const began = performance.now();
    const error = await rejection(ask(client(), untouched()));
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toContain(`did not give the whole answer for ${name}`);
    expect(String(error)).toContain('within 0.3 s');
  });

  it("ends earlier, with the signal's reason, if the signal aborts earlier", async () => {
    dripFor(10_000, '[]');
    const stop = new AbortController();
    const reason = new Error('stopped by the test');
    setTimeout(() => stop.abort(reason), 50);
    expect(await rejection(ask(client(), stop.signal))).toBe(reason);
  });
});

describe('a slow response', () => {
  it('is accepted within the limit', async () => {
    dripFor(100, JSON.stringify({ archiveId: KEY.archiveId, status: 'AVAILABLE' }));
    await expect(client().fetchRecord(KEY, untouched())).resolves.toMatchObject({ status: 'AVAILABLE' });
  });

  it('may take longer if it is a list or a file', async () => {
    dripFor(3 * LIMIT_MS, '[{"archiveId":"a1","status":"AVAILABLE"}]');
    const listed = [];
    for await (const archive of client().list(untouched())) listed.push(archive);
    expect(listed).toHaveLength(1);
    server.answerWith((_, response) => {
      response.writeHead(200).write('PK');
      void sleep(3 * LIMIT_MS).then(() => response.end('PK'));
    });
    const { body } = await client().download(KEY, { from: 0 }, untouched());
    expect(String(await buffer(body))).toBe('PKPK');
  });
});
