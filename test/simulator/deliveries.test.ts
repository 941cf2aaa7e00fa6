import type { ServerResponse } from 'node:http';
import { DeliverySite, TOPIC } from './delivery-site';
import { STRING } from './matchers';
import { ask } from './platform-access';

describe('a delivery', () => {
  let site: DeliverySite;

  beforeEach(async () => (site = await DeliverySite.open()));
  afterEach(() => site.close());

  test.each([200, 202, 204, 301, 302, 398])('accepts %i as an acknowledgement', async (status) => {
    const callback = await site.subscribed((response) =>
      response.writeHead(status, { location: '/other' }).end(),
    );
    await site.quietArchive();

    expect(await site.simulator.notify('a1')).toMatchObject([
      { attempts: 1, acknowledged: true, statusCode: status },
    ]);
    expect(callback.received).toHaveLength(1);
  });

  test.each([399, 404, 503])('is attempted 4 times, 100, 200 and 400 ms apart, after %i', async (status) => {
    const callback = await site.subscribed((response) => response.writeHead(status).end());
    await site.quietArchive();

    expect(await site.simulator.notify('a1')).toMatchObject([
      { attempts: 4, acknowledged: false, statusCode: status },
    ]);
    const times = callback.received.map(({ at }) => at);
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    expect(pauses).toHaveLength(3);
    expect(times.at(-1)! - times[0]!).toBeLessThan(2000);
    [100, 200, 400].forEach((pause, index) => {
      expect(pauses[index]).toBeGreaterThanOrEqual(pause - 2);
    });
  });

  test('is not repeated after an acknowledgement', async () => {
    await site.subscribed((response, number) => response.writeHead(number === 1 ? 503 : 202).end());
    await site.quietArchive();

    expect(await site.simulator.notify('a1')).toMatchObject([{ attempts: 2, acknowledged: true }]);
  });

  test('counts an answer after 3 seconds as none', async () => {
    await site.subscribed((response, number) => {
      if (number > 1) response.writeHead(202).end();
    });
    await site.quietArchive();
    const begin = Date.now();
    await site.simulator.notify('a1');

    expect(Date.now() - begin).toBeGreaterThanOrEqual(3095);
    expect(Date.now() - begin).toBeLessThan(5000);
    expect(await site.simulator.journal({ kind: 'delivery' })).toMatchObject([
      { attempt: 1, acknowledged: false, error: 'Timeout' },
      { attempt: 2, acknowledged: true, statusCode: 202 },
    ]);
  });

  test('is retried if the callback cannot be reached, and is reported', async () => {
    const callback = await site.subscribed();
    await callback.close();
    await site.quietArchive();

    const [outcome] = await site.simulator.notify('a1');
    expect(outcome).toMatchObject({ attempts: 4, acknowledged: false, error: 'ECONNREFUSED' });
    const path = `/subscriptions/subscriptions/${outcome!.subscriptionId}/reports`;
    const reports = (await ask(site.simulator, 'GET', path)).list();
    expect(reports).toHaveLength(4);
    expect(reports[0]).toMatchObject({
      attempt: 4,
      accepted: false,
      statusCode: null,
      error: 'ECONNREFUSED',
    });
  });

  test('is reported among the 50 latest attempts', async () => {
    await site.subscribed();
    await site.quietArchive();
    const [outcome] = await site.simulator.notify('a1', { times: 60 });

    const path = `/subscriptions/subscriptions/${outcome!.subscriptionId}/reports`;
    expect((await ask(site.simulator, 'GET', path)).json()).toHaveLength(50);
  });

  test('is written to the journal with the response of the gateway, without its secret', async () => {
    const answers = ['accepted', 'duplicate', 'Anna Albrecht'];
    await site.subscribed((response, number) => {
      response.writeHead(202).end(JSON.stringify({ status: answers[number - 1] }));
    });
    await site.quietArchive();
    for (let count = 0; count < 3; count += 1) await site.simulator.notify('a1');

    const entries = await site.simulator.journal({ kind: 'delivery', archiveId: 'a1' });
    expect(entries).toMatchObject([{ answer: 'accepted' }, { answer: 'duplicate' }, { acknowledged: true }]);
    expect(entries[2]).not.toHaveProperty('answer');
    expect(entries[0]).toHaveProperty('url', expect.stringMatching(/\/callbacks\/flexperto\/\*\*\*$/));
  });
});

describe('an announcement', () => {
  let site: DeliverySite;

  beforeEach(async () => (site = await DeliverySite.open()));
  afterEach(() => site.close());

  test('describes an archive as in the guide', async () => {
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

  test('is sent when an archive becomes available, and only then', async () => {
    const callback = await site.subscribed();
    const statuses = [{ status: 'PROCESSING', forMs: 200 }, { status: 'AVAILABLE' }];
    await site.simulator.createArchives({ archiveId: 'a1', size: 1024, statuses });
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(callback.received).toHaveLength(0);

    await until(() => callback.received.length === 1);
    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'AVAILABLE' });
  });

  test('is sent early if that is requested', async () => {
    const callback = await site.subscribed();
    const statuses = [{ status: 'PROCESSING' }];
    await site.simulator.createArchives({ statuses, notify: { when: 'created' } });

    await until(() => callback.received.length === 1);
  });

  test('sends identical notifications to every subscription at once', async () => {
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
