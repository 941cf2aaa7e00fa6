import { Lists, NEVER } from './lists';
import type { FaultRule } from '../../../src/simulator';
import { TENANT } from '../activity-site';

let lists: Lists;
beforeAll(async () => {
  lists = await Lists.open();
});
afterAll(() => lists.close());
beforeEach(() => lists.clear());

describe('a list that is not whole', () => {
  it.each<[string, FaultRule, string]>([
    [
      'is refused with an error',
      { fault: 'status', endpoint: 'list', statusCode: 500 },
      'PlatformUnavailable',
    ],
    [
      'is refused for the API key',
      { fault: 'status', endpoint: 'list', statusCode: 403 },
      'CredentialsRejected',
    ],
    ['is not found', { fault: 'status', endpoint: 'list', statusCode: 404 }, 'ListIncomplete'],
    ['breaks off', { fault: 'reset', endpoint: 'list', after: 0.6 }, 'PlatformUnavailable'],
    ['is a web page', { fault: 'htmlPage', endpoint: 'list' }, 'PlatformUnavailable'],
  ])('is one that %s, and the waiting caller is told so', async (_, fault, type) => {
    await lists.site.simulator.setFaults([fault]);
    await expect(lists.reader().next(TENANT, NEVER)).rejects.toMatchObject({ type });
    expect(await lists.whole()).toEqual([false]);
  });

  it('is one that exceeds its time limit', async () => {
    await lists.site.simulator.setFaults([{ fault: 'stall', endpoint: 'list' }]);
    await lists.site.archive();
    await expect(lists.reader({ longestReadingMs: 200 }).next(TENANT, NEVER)).rejects.toMatchObject({
      type: 'ListIncomplete',
    });
  });

  it.each(['AVAILABLE', 'PROCESSING', 'FAILED', 'SOMETHING_NEW'])(
    'is one with an unusable id in the status %s, because that archive may belong to any conference',
    async (status) => {
      await lists.site.archive({ record: { archiveId: '../etc' }, statuses: [{ status }] });
      await expect(lists.reader().next(TENANT, NEVER)).rejects.toMatchObject({ type: 'ListIncomplete' });
    },
  );

  it.each(['ABANDONED', 'EXPIRED'])(
    'does not result from an unusable id in the status %s',
    async (status) => {
      await lists.site.archive({ record: { archiveId: '../etc' }, statuses: [{ status }] });
      await lists.reader().next(TENANT, NEVER);
    },
  );

  it('results from a failing ledger; the waiting caller is told, and the next list is read', async () => {
    const { ledger } = lists.site;
    let isDown = true;
    const noteListed: typeof ledger.noteListed = (...args) =>
      isDown ? Promise.reject(new Error('down')) : ledger.noteListed(...args);
    await lists.site.archive();
    const shared = lists.reader({}, { ledger: { ...ledger, noteListed } });
    await expect(shared.next(TENANT, NEVER)).rejects.toThrow('down');
    isDown = false;
    await shared.next(TENANT, NEVER);
  });
});
