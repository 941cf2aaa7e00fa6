import { userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { UsageError } from '../../src/cli/usage-error';
import { claimWorkflowId, parseArchiveId } from '../../src/domain/ids';
import { isAccountName } from '../../src/domain/orders';
import { inTurn, POLICY, SECURED } from '../workflows/script';
import { available, DAY, failing, HOUR } from '../workflows/turns';
import { openOffice, TENANT, type Office } from './office';

const waiting = { awaitAvailable: failing('NotYetAvailable', DAY) };

describe('the commands for orders', () => {
  let office: Office;
  beforeAll(async () => (office = await openOffice()));
  afterAll(() => office.close());

  it('decide has a claim that needs a person try again', async () => {
    const key = await office.claim({ awaitAvailable: inTurn<unknown>(failing('PlatformFailed'), available) });
    while (!office.callsOf(key).includes('recordOutcome:attention:PlatformFailed')) await pause(10);
    await expect(office.run('decide', key.archiveId, 'retry', '--by', 'jane')).resolves.toMatchObject({
      ...key,
      order: 'decide',
      choice: 'retry',
      by: 'jane',
    });
    await expect(office.client.workflow.getHandle(claimWorkflowId(key)).result()).resolves.toMatchObject({
      state: 'abandoned',
    });
  });

  it('decide fails with what the claim has against it, and leaves no trace in its history', async () => {
    const key = await office.claim(waiting);
    const handle = office.client.workflow.getHandle(claimWorkflowId(key));
    while (office.callsOf(key).length === 0) await pause(10);
    const { historyLength } = await handle.describe();
    await expect(office.run('decide', key.archiveId, 'retry', '--by', 'jane')).rejects.toThrow(
      `Archive ${key.archiveId}: The claim is waiting and does not need a person`,
    );
    expect((await handle.describe()).historyLength).toBe(historyLength);
  });

  it('extend tells the new deadline', async () => {
    const key = await office.claim(waiting);
    const extended = await office.run('extend', key.archiveId, '3 days', '--by', 'jane');
    const { deadline } = extended as { readonly deadline: string };
    expect(Date.parse(deadline) - Date.now()).toBeGreaterThan(POLICY.deadlineMs + 3 * DAY - HOUR);
    expect(office.callsOf(key)).toContain(`recordDecision:${deadline}:jane`);
  });

  it('hold and release go to the claim, by the user of the process unless they say who', async () => {
    const key = await office.claim(waiting);
    const { username } = userInfo();
    expect(isAccountName(username)).toBe(true);
    await expect(office.run('hold', key.archiveId)).resolves.toMatchObject({ held: { by: username } });
    await expect(office.run('status', key.archiveId)).resolves.toMatchObject({
      temporal: { held: { by: username } },
    });
    await expect(office.run('release', key.archiveId, '--by', 'jane')).resolves.toMatchObject({ by: 'jane' });
    expect(office.callsOf(key).slice(1)).toEqual([`holdArchive:${username}`, 'releaseArchive:jane']);
  });

  it('hold and release go to the ledger where no claim runs', async () => {
    const key = { tenant: TENANT, archiveId: parseArchiveId('secured-before') };
    await office.inLedger(async (ledger) => {
      await ledger.progress(key, 'verifying');
      await ledger.secure(key, SECURED);
    });
    await expect(office.run('hold', key.archiveId, '--by', 'jane')).resolves.toMatchObject({
      held: { by: 'jane' },
    });
    await expect(office.run('status', key.archiveId)).resolves.toMatchObject({
      ledger: { state: 'secured', held: { by: 'jane' } },
    });
    await office.run('release', key.archiveId, '--by', 'john');
    expect(await office.inLedger((ledger) => ledger.find(key))).not.toHaveProperty('held');
    await expect(office.run('release', key.archiveId, '--by', 'john')).rejects.toThrow(
      'The archive is not held.',
    );
  }, 60_000);

  it('hold fails where the archive is abandoned, or nothing is known of it', async () => {
    const key = { tenant: TENANT, archiveId: parseArchiveId('abandoned-before') };
    await office.inLedger(async (ledger) => {
      await ledger.progress(key, 'verifying');
      await ledger.secure(key, SECURED);
      await ledger.abandon(key, 'ABANDONED');
    });
    await expect(office.run('hold', key.archiveId, '--by', 'jane')).rejects.toThrow('is abandoned already');
    await expect(office.run('hold', 'nowhere', '--by', 'jane')).rejects.toThrow(
      'Nothing is known of archive nowhere',
    );
  });

  it.each(['decide', 'extend'])('%s fails where no claim runs, and says how to start one', async (name) => {
    const argument = name === 'decide' ? 'giveUp' : '3 days';
    await expect(office.run(name, 'nowhere', argument, '--by', 'jane')).rejects.toThrow(
      'No claim of archive nowhere runs; start one with `archivist claim nowhere`.',
    );
  });

  it('abandon takes up what copy-only mode has secured, once, and by name', async () => {
    const key = await office.claim({ policy: { ...POLICY, abandon: false } });
    const handle = office.client.workflow.getHandle(claimWorkflowId(key));
    await expect(handle.result()).resolves.toMatchObject({ state: 'secured' });
    await expect(office.run('abandon', key.archiveId, '--by', 'jane')).resolves.toMatchObject({
      ...key,
      status: 'started',
      by: 'jane',
    });
    await expect(office.client.workflow.getHandle(claimWorkflowId(key)).result()).resolves.toMatchObject({
      state: 'abandoned',
    });
    expect(office.callsOf(key)).toContain('orderAbandon:jane');
  });

  it('abandon fails where a claim runs', async () => {
    const key = await office.claim(waiting);
    await expect(office.run('abandon', key.archiveId, '--by', 'jane')).rejects.toThrow('Being claimed');
  });

  it.each([
    ['UsageError', UsageError, ['hold', 'a1', '--by', 'jane doe'], 'Say who gives the order with --by'],
    ['UsageError', UsageError, ['abandon', '../a1'], 'An archive id must match'],
    [
      'CommanderError',
      CommanderError,
      ['decide', 'a1', 'shrug'],
      'Allowed choices are retry, acceptWithoutChecksum, giveUp',
    ],
    ['CommanderError', CommanderError, ['extend', 'a1', 'soon'], 'Expected a duration such as "3 days"'],
  ])('wrong usage is a %s', async (_, kind, args, message) => {
    const run = office.run(...args);
    await expect(run).rejects.toBeInstanceOf(kind);
    await expect(run).rejects.toThrow(message);
  });
});
