import type { ServerResponse } from 'node:http';
import { DeliverySite, TOPIC } from './delivery-site';
import { STRING } from './matchers';

describe('an announcement', () => {
  let site: DeliverySite;

  beforeEach(async () => (site = await DeliverySite.open()));
  afterEach(() => site.close());

  test('tells of an archive as the guide says', async () => {
    const callback = await site.subscribed();
    await site.quietArchive();
    await site.simulator.notify('a1');

    expect(callback.received).toHaveLength(1);
    expect(callback.received[0]).toMatchObject({
      headers: { 'content-type': 'application/json' },
      payload: {
        data: {
          archive_id: 'a1',
          archive_subject: { conference_id: 'c1', meta: { expert: { name: STRING } } },
        },
        meta: { audience: '*', tenant: 'acme', topic: TOPIC },
      },
    });
  });

  test('begins by itself when an archive becomes available, and only then', async () => {
    const callback = await site.subscribed();
    const statuses = [{ status: 'PROCESSING', forMs: 200 }, { status: 'AVAILABLE' }];
    await site.simulator.createArchives({ archiveId: 'a1', size: 1024, statuses });
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(callback.received).toHaveLength(0);

    await until(() => callback.received.length === 1);
    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'AVAILABLE' });
  });

  test('comes early where it is asked to', async () => {
    const callback = await site.subscribed();
    const statuses = [{ status: 'PROCESSING' }];
    await site.simulator.createArchives({ statuses, notify: { when: 'created' } });

    await until(() => callback.received.length === 1);
  });

  test('sends identical notifications at once to every subscription', async () => {
    const open: ServerResponse[] = [];
    const first = await site.subscribed((response) => void open.push(response));
    const second = await site.subscribed(undefined, 'communciation.archives.archive.available');
    await site.quietArchive();

    const outcomes = site.simulator.notify('a1', { times: 3 });
    await until(() => open.length === 3);
    open.forEach((response) => response.writeHead(202).end());

    expect(await outcomes).toHaveLength(6);
    const [payload] = first.received.map(({ payload }) => payload);
    expect(first.received.map(({ payload }) => payload)).toEqual([payload, payload, payload]);
    expect(second.received).toHaveLength(3);
    expect(second.received[0]!.payload.meta).toMatchObject({
      topic: 'communciation.archives.archive.available',
    });
  });

  test('can be one after the other', async () => {
    let open = 0;
    let most = 0;
    await site.subscribed((response) => {
      most = Math.max(most, (open += 1));
      setTimeout(() => response.writeHead(202).end(() => (open -= 1)), 10);
    });
    await site.quietArchive();
    await site.simulator.notify('a1', { times: 3, concurrent: false });

    expect(most).toBe(1);
  });

  test('can be forged', async () => {
    const callback = await site.subscribed();
    await site.quietArchive();
    await site.simulator.notify('a1', {
      archiveId: '../x',
      conferenceId: 'theirs',
      conferenceMeta: { n: 1 },
    });

    expect(callback.received[0]!.payload.data).toEqual({
      archive_id: '../x',
      archive_subject: { conference_id: 'theirs', meta: { n: 1 } },
    });
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
