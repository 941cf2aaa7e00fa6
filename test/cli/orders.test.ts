import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { CommanderError } from 'commander';
import { UsageError } from '../../src/cli/options';
import { claimWorkflowId, InvalidIdError, parseArchiveId } from '../../src/domain/ids';
import { DAY_MS, intend, list, secure, tell, ledgerEvents } from '../ledger/archives';
import { claimed, openCommandSite, TENANT, type Archive, type CommandSite } from './command-site';

describe('orders are written to the ledger, and need no worker:', () => {
  let site: CommandSite;
  beforeAll(async () => {
    site = await openCommandSite();
  });
  afterAll(() => site.close());

  async function reasonsOf(archive: Archive): Promise<readonly unknown[]> {
    const events = await ledgerEvents(site.database, archive);
    return events.filter(({ detail }) => 'order' in detail).map(({ detail }) => detail);
  }

  it('hold and release record who gave them (by default the user of the process) and why', async () => {
    const { archiveId, ...archive } = await claimed(site, 'secured');
    const { username } = userInfo();
    expect(await site.run('hold', archiveId)).toMatchObject([
      { archiveId, order: 'hold', by: username, answer: 'confirmed', state: 'secured' },
    ]);
    expect(await site.run('status', archiveId)).toMatchObject([{ ledger: { held: { by: username } } }]);
    expect(await site.run('release', archiveId, '--by', 'jane', '--reason', 'case 7 is over')).toMatchObject([
      { order: 'release', by: 'jane', reason: 'case 7 is over', answer: 'confirmed' },
    ]);
    expect(await site.ledger.find({ ...archive, archiveId })).toHaveProperty('held', undefined);
    expect(await reasonsOf({ ...archive, archiveId })).toEqual([
      { order: 'hold', by: username },
      { order: 'release', by: 'jane', why: 'case 7 is over' },
    ]);
  });

  it('hold works for an unclaimed archive if the platform knows it', async () => {
    const { archiveId } = await site.archive();
    expect(await site.run('hold', archiveId)).toMatchObject([{ answer: 'confirmed', state: 'announced' }]);
    expect(await site.run('status', archiveId)).toMatchObject([{ ledger: { held: {} } }]);
  });

  it('orders about an archive that is unknown to the platform are refused, and create no row', async () => {
    for (const order of [['hold'], ['claim'], ['decide', 'giveUp']]) {
      const [name = '', ...rest] = order;
      const { message } = await site.refused(name, 'nowhere', ...rest);
      expect(message).toBe('Archive nowhere is unknown to the platform of acme.');
    }
    expect(await site.ledger.find({ tenant: TENANT, archiveId: parseArchiveId('nowhere') })).toBeUndefined();
  });

  it('orders without a row and without the platform are not recorded', async () => {
    const { archiveId, ...archive } = await site.archive();
    await site.simulator.setFaults([{ fault: 'status', statusCode: 503, endpoint: 'record' }]);
    const { answers, message } = await site.refused('hold', archiveId);
    await site.simulator.clearFaults();
    expect(answers).toMatchObject([{ answer: 'notRecorded' }]);
    expect(message).toMatch(/not recorded, try again/);
    expect(await site.ledger.find({ ...archive, archiveId })).toBeUndefined();
  });

  it('giveUp ends a claim, and only the order claim undoes that', async () => {
    const archive = await claimed(site, 'waiting');
    const { archiveId } = archive;
    expect(await site.run('decide', archiveId, 'giveUp', '--by', 'jane')).toMatchObject([
      { order: 'giveUp', answer: 'confirmed', state: 'failed' },
    ]);
    expect((await site.refused('decide', archiveId, 'retry')).message).toMatch(/archivist claim/);
    expect((await site.ledger.enqueueHints([archive], 5_000))[0]).toBe('duplicate');

    expect(await site.run('claim', archiveId, '--by', 'john')).toMatchObject([
      { status: 'queued', by: 'john', workflowId: claimWorkflowId(archive) },
    ]);
    expect(await site.ledger.find(archive)).toHaveProperty('decided', undefined);
    expect(await site.ledger.measureQueue()).toMatchObject({ entries: 1 });
  });

  it('extend moves the deadline of a running claim, and of no other', async () => {
    const archive = await claimed(site, 'waiting');
    const before = (await site.ledger.find(archive))!.deadlineAt!;
    const deadline = new Date(before.getTime() + 3 * DAY_MS).toISOString();
    expect(await site.run('extend', archive.archiveId, '3 days')).toMatchObject([
      { order: 'extend', answer: 'confirmed', deadline },
    ]);
    const { archiveId } = await site.archive();
    expect((await site.refused('extend', archiveId, '3 days')).message).toMatch(/refused, no claim/);
  });

  it('release fails if the archive is not held', async () => {
    const { archiveId } = await claimed(site, 'secured');
    expect((await site.refused('release', archiveId)).message).toMatch(/refused, it is not held/);
  });

  it('an order that comes after the platform was told is too late', async () => {
    const archive = await claimed(site, 'secured');
    await tell(site.ledger, archive);
    for (const order of [
      ['hold', archive.archiveId],
      ['decide', archive.archiveId, 'giveUp'],
    ]) {
      const { answers, message } = await site.refused(...order);
      expect(answers).toMatchObject([{ answer: 'tooLate' }]);
      expect(message).toMatch(/too late, the platform was told/);
    }
  });

  it('an order is recorded but undecided while a request is open, and status decides it later', async () => {
    const archive = await site.archive();
    const { archiveId, conferenceId, sha256 } = archive;
    const token = await secure(site.ledger, archive, { conferenceId, sha256 });
    await list(site.ledger, TENANT, [{ archiveId, conferenceId, status: 'AVAILABLE' }]);
    const flightId = randomUUID();
    expect(await intend(site.ledger, archive, token, { flightId, conferenceId })).toBe('intended');

    const { answers, message } = await site.refused('hold', archiveId);
    expect(answers).toMatchObject([{ answer: 'undecided', state: 'secured' }]);
    expect(message).toMatch(/recorded, not yet decided.*archivist status/);
    expect(await site.run('status', archiveId)).toMatchObject([{ order: { answer: 'undecided' } }]);

    await site.ledger.endFlight(flightId, 'settled');
    expect(await site.run('status', archiveId)).toMatchObject([{ order: { answer: 'confirmed' } }]);
  });

  it('an order wakes an open claim', async () => {
    const archive = await claimed(site, 'waiting');
    const workflowId = claimWorkflowId(archive);
    await site.temporal.client.workflow.start('claimArchive', {
      args: [{ tenant: TENANT, archiveId: archive.archiveId }],
      taskQueue: 'nobody-works-here',
      workflowId,
    });
    await site.run('hold', archive.archiveId);
    const { events = [] } = await site.temporal.client.workflow.getHandle(workflowId).fetchHistory();
    const signals = events!.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
    expect(signals).toContain('announced');
  });

  it('an order is answered within 3 seconds even if neither Temporal nor the platform responds', async () => {
    const archive = await claimed(site, 'secured');
    await site.simulator.setFaults([{ fault: 'noAnswer', endpoint: 'record' }]);
    const begun = performance.now();
    const answers = await site.withoutTemporal.run('hold', archive.archiveId);
    const tookMs = performance.now() - begun;
    await site.simulator.clearFaults();
    expect(answers).toMatchObject([{ answer: 'confirmed' }]);
    expect(tookMs).toBeLessThan(3_500);
  });

  it.each([
    ['UsageError', UsageError, ['hold', 'a1', '--by', 'jane doe'], 'Say who gives the order with --by'],
    ['InvalidIdError', InvalidIdError, ['abandon', '../a1'], 'An archive id must match'],
    ['CommanderError', CommanderError, ['hold', 'a1', '--reason', ''], 'Expected one line of 1 to 200'],
    [
      'CommanderError',
      CommanderError,
      ['decide', 'a1', 'shrug'],
      'Allowed choices are retry, acceptWithoutChecksum, acceptUnreadable, giveUp',
    ],
    ['CommanderError', CommanderError, ['extend', 'a1', 'soon'], 'Expected a duration such as "3 days"'],
  ])('wrong usage is reported as %s', async (_, kind, args, message) => {
    const run = site.run(...args);
    await expect(run).rejects.toBeInstanceOf(kind);
    await expect(run).rejects.toThrow(message);
  });
});
