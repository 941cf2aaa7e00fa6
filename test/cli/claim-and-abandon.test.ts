import { begin, fence, secure, tell } from '../ledger/archives';
import { claimed, openCommandSite, TENANT, type CommandSite } from './command-site';

describe('claim and abandon', () => {
  let site: CommandSite;
  beforeAll(async () => {
    site = await openCommandSite();
  });
  afterAll(() => site.close());

  it('claim reports if nobody processes the queue', async () => {
    const { archiveId } = await site.archive();
    expect(await site.warnings('claim', archiveId)).toMatch(
      /which no worker has done yet. Do a gateway and a worker run/,
    );
  });

  it('claim --wait and abandon --wait report that a secured archive is held, and end', async () => {
    const { archiveId } = await claimed(site, 'secured');
    const key = { tenant: TENANT, archiveId };
    await site.ledger.endClaim(key, fence(5), { reason: 'held' });
    await site.ledger.writeOrder(key, { kind: 'hold', by: 'joe' });
    for (const command of ['claim', 'abandon'] as const)
      expect((await site.refused(command, archiveId, '--wait')).message).toMatch(
        /held by joe.*archivist release/,
      );
  });

  it('abandon orders all archives of the conference, and names those that it waits for', async () => {
    const one = await claimed(site, 'secured');
    const two = await site.archive();
    await secure(site.ledger, two, { conferenceId: one.conferenceId, sha256: two.sha256 });
    const three = await site.archive();
    await site.ledger.beginClaim(three, fence(1), begin({ conferenceId: one.conferenceId }));
    const answers = await site.run('abandon', one.archiveId, '--by', 'jane');
    expect(answers).toHaveLength(3);
    expect(answers).toEqual(
      expect.arrayContaining([
        { tenant: TENANT, archiveId: one.archiveId, status: 'ordered', by: 'jane' },
        { tenant: TENANT, archiveId: two.archiveId, status: 'ordered', by: 'jane' },
        { tenant: TENANT, archiveId: three.archiveId, status: 'not secured', by: 'jane' },
      ]),
    );
    for (const { archiveId } of [one, two])
      expect(await site.ledger.find({ tenant: TENANT, archiveId })).toMatchObject({
        abandonWanted: { by: 'jane' },
      });
  });

  it('abandon fails if the archive is not secured, already abandoned, or unknown', async () => {
    const waiting = await claimed(site, 'waiting');
    const told = await claimed(site, 'secured');
    await tell(site.ledger, told);
    for (const [archiveId, message] of [
      [waiting.archiveId, /is not secured/],
      [told.archiveId, /is abandoned already/],
      ['nowhere', /Nothing is known/],
    ] as const)
      expect((await site.refused('abandon', archiveId)).message).toMatch(message);
  });
});
