import type { ArchiveKey } from '../../../src/domain/ids';
import type { Dependencies } from '../../../src/activities/dependencies';
import { openWorkshop, secure, untilTomorrow, type Workshop } from '../workshop';
import { ChangedLists } from './changed-lists';

/** What an abandon relies on may change between its looks and its judgement, which then asks for another look. */
describe('an abandon whose conference changes while the request is prepared', () => {
  const lists = new ChangedLists();
  let workshop: Workshop;
  beforeAll(async () => {
    // A list without conferences: only records show them.
    lists.change = (list) => ({
      text: JSON.stringify(list.map((each) => ({ ...each, conferenceId: undefined }))),
    });
    workshop = await openWorkshop({ before: (url) => lists.open(url) });
  });
  afterEach(() => workshop.simulator.clearFaults());
  afterAll(async () => {
    await workshop.close();
    await lists.close();
  });

  const statusOf = async (key: ArchiveKey) => (await workshop.simulator.archive(key.archiveId)).status;

  /** Abandons it; `meanwhile` happens once, after the members were looked at and before the judgement. */
  function abandon(key: ArchiveKey, meanwhile: () => Promise<unknown>) {
    let happened: Promise<unknown> | undefined;
    const platformOf: Dependencies['platformOf'] = (tenant) => {
      const platform = workshop.platformOf(tenant);
      return {
        ...platform,
        openAbandon: async (...args) => {
          await (happened ??= meanwhile());
          return await platform.openAbandon(...args);
        },
      };
    };
    return workshop.runWith(
      { platformOf, abandonTimes: { leaseMs: 2_000 } },
      'abandonArchive',
      key,
      {} as never,
    );
  }

  async function securedPair(): Promise<[ArchiveKey, ArchiveKey]> {
    const one = await workshop.archive();
    await secure(workshop, one);
    const { conferenceId } = await workshop.simulator.archive(one.archiveId);
    const other = await workshop.archive({ conferenceId });
    await secure(workshop, other);
    return [one, other];
  }

  const remake = ({ archiveId }: ArchiveKey) =>
    workshop.simulator.setFaults([{ fault: 'wrongChecksum', archiveId }]);

  it('looks at the records that it left out, since another archive was in the way, if that one no longer is', async () => {
    const [one, other] = await securedPair();
    await remake(other);
    // The list that the abandon waits for shows it first.
    const inTheWay = await workshop.archive();
    const becomesKnown = () => workshop.run('awaitAvailable', inTheWay, untilTomorrow());
    await expect(abandon(one, becomesKnown)).rejects.toMatchObject({ type: 'RecordInvalid' });
    for (const each of [one, other]) expect(await statusOf(each)).not.toBe('ABANDONED');
  });

  it('looks at an archive that joins the conference, secured long ago', async () => {
    const [one] = await securedPair();
    const joins = await workshop.archive();
    await secure(workshop, joins);
    await remake(joins);
    const { conferenceId } = await workshop.simulator.archive(one.archiveId);
    const join = () => workshop.ledger.noteShown(joins, { status: 'AVAILABLE', conferenceId } as never);
    await expect(abandon(one, join)).rejects.toMatchObject({ type: 'RecordInvalid' });
    expect(await statusOf(one)).not.toBe('ABANDONED');
  });

  it('goes on by itself if all is well', async () => {
    const [one, other] = await securedPair();
    const joins = await workshop.archive();
    await secure(workshop, joins);
    const { conferenceId } = await workshop.simulator.archive(one.archiveId);
    const join = () => workshop.ledger.noteShown(joins, { status: 'AVAILABLE', conferenceId } as never);
    await expect(abandon(one, join)).resolves.toEqual({ outcome: 'abandoned' });
    for (const each of [one, other]) expect(await statusOf(each)).toBe('ABANDONED');
  });
});
