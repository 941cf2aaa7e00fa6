import type { ArchiveKey } from '../../../src/domain/ids';
import type { Dependencies } from '../../../src/activities/dependencies';
import { openActivitySite, secure, untilTomorrow, type ActivitySite } from '../activity-site';
import { ChangedLists } from './changed-lists';

/** What an abandon relies on may change between its looks and its judgement, which then asks for another look. */
describe('an abandon whose conference changes while the request is prepared', () => {
  const lists = new ChangedLists();
  let site: ActivitySite;
  beforeAll(async () => {
    // A list without conferences: only records show them.
    lists.change = (list) => ({
      text: JSON.stringify(list.map((each) => ({ ...each, conferenceId: undefined }))),
    });
    site = await openActivitySite({ before: (url) => lists.open(url) });
  });
  afterEach(() => site.simulator.clearFaults());
  afterAll(async () => {
    await site.close();
    await lists.close();
  });

  const statusOf = async (key: ArchiveKey) => (await site.simulator.archive(key.archiveId)).status;

  /** Abandons it; `meanwhile` happens once, after the members were looked at and before the judgement. */
  function abandon(key: ArchiveKey, meanwhile: () => Promise<unknown>) {
    let happened: Promise<unknown> | undefined;
    const platformOf: Dependencies['platformOf'] = (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        openAbandon: async (...args) => {
          await (happened ??= meanwhile());
          return await platform.openAbandon(...args);
        },
      };
    };
    return site.runWith({ platformOf, abandonTimes: { leaseMs: 2_000 } }, 'abandonArchive', key, {} as never);
  }

  async function securedPair(): Promise<[ArchiveKey, ArchiveKey]> {
    const one = await site.archive();
    await secure(site, one);
    const { conferenceId } = await site.simulator.archive(one.archiveId);
    const other = await site.archive({ conferenceId });
    await secure(site, other);
    return [one, other];
  }

  const remake = ({ archiveId }: ArchiveKey) =>
    site.simulator.setFaults([{ fault: 'wrongChecksum', archiveId }]);

  it('reads the records that it skipped because of another archive, once that archive does not block', async () => {
    const [one, other] = await securedPair();
    await remake(other);
    // The list that the abandon waits for shows it first.
    const inTheWay = await site.archive();
    const becomesKnown = () => site.run('awaitAvailable', inTheWay, untilTomorrow());
    await expect(abandon(one, becomesKnown)).rejects.toMatchObject({ type: 'RecordInvalid' });
    for (const each of [one, other]) expect(await statusOf(each)).not.toBe('ABANDONED');
  });

  it('checks an archive that joins the conference and was secured long ago', async () => {
    const [one] = await securedPair();
    const joins = await site.archive();
    await secure(site, joins);
    await remake(joins);
    const { conferenceId } = await site.simulator.archive(one.archiveId);
    const join = () => site.ledger.noteShown(joins, { status: 'AVAILABLE', conferenceId } as never);
    await expect(abandon(one, join)).rejects.toMatchObject({ type: 'RecordInvalid' });
    expect(await statusOf(one)).not.toBe('ABANDONED');
  });

  it('continues by itself if all is well', async () => {
    const [one, other] = await securedPair();
    const joins = await site.archive();
    await secure(site, joins);
    const { conferenceId } = await site.simulator.archive(one.archiveId);
    const join = () => site.ledger.noteShown(joins, { status: 'AVAILABLE', conferenceId } as never);
    await expect(abandon(one, join)).resolves.toEqual({ outcome: 'abandoned' });
    for (const each of [one, other]) expect(await statusOf(each)).toBe('ABANDONED');
  });
});
