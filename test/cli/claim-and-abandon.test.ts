import { begin, fence, secure, tell } from '../ledger/archives';
import { claimed, openOffice, TENANT, type Office } from './office';

describe('claim and abandon', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.close());

  it('claim says so if nobody takes archives out of the queue', async () => {
    const { archiveId } = await office.archive();
    expect(await office.warnings('claim', archiveId)).toMatch(
      /nobody takes them out of it. Does a gateway run/,
    );
  });

  it('claim, and an abandon that is waited for, say that a secured archive is held, and do not wait for its release', async () => {
    const { archiveId } = await claimed(office, 'secured');
    const key = { tenant: TENANT, archiveId };
    await office.ledger.endClaim(key, fence(5), { reason: 'held' });
    await office.ledger.writeOrder(key, { kind: 'hold', by: 'joe' });
    for (const command of ['claim', 'abandon'] as const)
      expect((await office.refused(command, archiveId, '--wait')).message).toMatch(
        /held by joe.*archivist release/,
      );
  });

  it('abandon orders all archives of the conference, and names those that it waits for', async () => {
    const one = await claimed(office, 'secured');
    const two = await office.archive();
    await secure(office.ledger, two, { conferenceId: one.conferenceId, sha256: two.sha256 });
    const three = await office.archive();
    await office.ledger.beginClaim(three, fence(1), begin({ conferenceId: one.conferenceId }));
    const answers = await office.run('abandon', one.archiveId, '--by', 'jane');
    expect(answers).toHaveLength(3);
    expect(answers).toEqual(
      expect.arrayContaining([
        { tenant: TENANT, archiveId: one.archiveId, status: 'ordered', by: 'jane' },
        { tenant: TENANT, archiveId: two.archiveId, status: 'ordered', by: 'jane' },
        { tenant: TENANT, archiveId: three.archiveId, status: 'not secured', by: 'jane' },
      ]),
    );
    for (const { archiveId } of [one, two])
      expect(await office.ledger.find({ tenant: TENANT, archiveId })).toMatchObject({
        abandonWanted: { by: 'jane' },
      });
  });

  it('abandon fails if the archive is not secured, abandoned already, or unknown', async () => {
    const waiting = await claimed(office, 'waiting');
    const told = await claimed(office, 'secured');
    await tell(office.ledger, told);
    for (const [archiveId, message] of [
      [waiting.archiveId, /is not secured/],
      [told.archiveId, /is abandoned already/],
      ['nowhere', /Nothing is known/],
    ] as const)
      expect((await office.refused('abandon', archiveId)).message).toMatch(message);
  });
});
