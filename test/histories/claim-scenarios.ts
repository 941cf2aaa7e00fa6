import { CLAIM_ARCHIVE } from '../../src/domain/claim';
import { claimWorkflowId } from '../../src/domain/ids';
import { decide, extendDeadline, hold, release } from '../../src/workflows/messages';
import { Gate, untilCancelled } from '../workflows/gate';
import type { Claim, RunningWorkflows } from '../workflows/running-workflows';
import { available, COPY, failing, inTurn, itIsAvailable, SECURED, type Script } from '../workflows/script';
import { played, untilItCancels, type Scenarios } from './scenario';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const by = 'jane';
const notYet = failing('NotYetAvailable', 24 * HOUR);
const times = <Turn>(count: number, turn: Turn): Turn[] => Array.from({ length: count }, () => turn);
const copyIsThere = () => Promise.resolve(COPY);
const isSecured = () => Promise.resolve(SECURED);
const isAbandoned = () => Promise.resolve({ outcome: 'abandoned' });
const waits = (waitsFor: string) => () => Promise.resolve({ outcome: 'waits', waitsFor });
const decided = (decision: string) => () => Promise.resolve({ outcome: 'decided', decision });

/** Claims that go their way without anybody. */
const alone: Readonly<Record<string, Script>> = {
  'claim-abandoned': {},
  'claim-abandoned-at-the-third-try': {
    abandonArchive: inTurn(
      failing('AbandonUnconfirmed', MINUTE),
      failing('AbandonInFlight', 5_000),
      isAbandoned,
    ),
  },
  'claim-urgent': { awaitAvailable: () => Promise.resolve(available({ urgent: true })) },
  'claim-secured-before': {
    awaitAvailable: () => Promise.resolve({ outcome: 'secured', secured: SECURED, deadlineAt: 0 }),
  },
  'claim-done-before': {
    awaitAvailable: () => Promise.resolve({ outcome: 'done', secured: SECURED, state: 'closed' }),
  },
  'claim-held': { abandonArchive: waits('held') },
  'claim-copy-only': { abandonArchive: waits('copyOnly') },
  'claim-unknown': { awaitAvailable: () => Promise.resolve({ outcome: 'unknown' }) },
  'claim-missed': { awaitAvailable: failing('ArchiveMissed') },
  'claim-failed': { downloadArchive: failing('InvalidInput') },
  'claim-given-up-before': { awaitAvailable: decided('giveUp') },
  'claim-cancelled-before': { awaitAvailable: decided('cancelled') },
  'claim-deadline-before': { awaitAvailable: decided('deadline') },
  'claim-two-bad-copies': { verifyCopy: inTurn(...times(2, failing('ChecksumMismatch')), isSecured) },
  'claim-three-bad-copies': { verifyCopy: inTurn(...times(3, failing('ChecksumMismatch')), isSecured) },
  'claim-stale-record': { downloadArchive: inTurn(failing('NotDownloadable'), copyIsThere) },
  'claim-attention-healed': { verifyCopy: inTurn(failing('StoreConflict'), isSecured) },
  'claim-attention-untold': {
    verifyCopy: inTurn(failing('StoreConflict'), isSecured),
    needAttention: failing('LedgerBehind'),
  },
  'claim-key-refused-for-hours': {
    awaitAvailable: inTurn(...times(120, failing('CredentialsRejected', MINUTE)), itIsAvailable),
  },
  'claim-key-without-the-right-to-download': {
    downloadArchive: inTurn(...times(64, failing('CredentialsRejected', MINUTE)), copyIsThere),
  },
};

/** Claims that somebody or something ends or wakes. */
export const CLAIM_SCENARIOS: Scenarios = {
  ...Object.fromEntries(
    Object.entries(alone).map(([name, script]) => [name, (site) => played(site.claim(script))] as const),
  ),
  'claim-started-by-hand': (site) => {
    const key = site.archive();
    return played(site.start('claimArchive', claimWorkflowId(key), key));
  },
  'claim-started-with-a-signal': async (site) => {
    const key = site.archive();
    const claim = await site.client.workflow.signalWithStart(CLAIM_ARCHIVE, {
      args: [key],
      signal: 'announced',
      taskQueue: 'archivist',
      workflowId: claimWorkflowId(key),
    });
    await claim.result();
    return claim;
  },
  'claim-invalid-input': (site) => played(site.start('claimArchive', 'by-hand', null)),
  'claim-announced-again': async (site) => {
    const claim = await waiting(site, { awaitAvailable: inTurn(notYet, itIsAvailable) });
    await claim.signal('announced');
    return await played(claim);
  },
  'claim-announced-in-attention': async (site) => {
    const claim = await site.claim({ verifyCopy: inTurn(failing('StoreConflict'), isSecured) });
    await site.reach(claim, 'needAttention');
    await site.sleep(HOUR);
    await claim.signal('announced');
    return await played(claim);
  },
  'claim-given-up': async (site) => {
    const claim = await waiting(site);
    await claim.executeUpdate(decide, { args: [{ by, choice: 'giveUp' }] });
    return await played(claim);
  },
  'claim-given-up-in-the-ledger': async (site) => {
    const claim = await waiting(site, { readOrders: () => Promise.resolve({ decision: 'giveUp' }) });
    await claim.signal('announced');
    return await played(claim);
  },
  'claim-given-up-while-downloading': async (site) => {
    const claim = await site.claim({ downloadArchive: untilCancelled });
    await site.reach(claim, 'downloadArchive');
    await claim.executeUpdate(decide, { args: [{ by, choice: 'giveUp' }] });
    return await played(claim);
  },
  'claim-given-up-too-late': async (site) => {
    const sent = new Gate();
    const claim = await site.claim({
      abandonArchive: () => sent.pass({ outcome: 'abandoned' }),
      giveOrder: () => Promise.resolve({ answer: 'undecided' }),
    });
    await sent.reached;
    await claim.executeUpdate(decide, { args: [{ by, choice: 'giveUp' }] });
    await untilItCancels(claim);
    sent.open();
    return await played(claim);
  },
  'claim-with-orders': async (site) => {
    let answer = 'confirmed';
    const claim = await waiting(site, {
      awaitAvailable: inTurn(notYet, itIsAvailable),
      giveOrder: () => Promise.resolve({ answer }),
    });
    await claim.executeUpdate(hold, { args: [{ by, reason: 'court' }] });
    answer = 'refused';
    await claim.executeUpdate(hold, { args: [{ by }] }).catch(() => undefined);
    await claim.executeUpdate(decide, { args: [{ by: '', choice: 'retry' }] }).catch(() => undefined);
    answer = 'confirmed';
    await claim.executeUpdate(release, { args: [{ by }] });
    return await played(claim);
  },
  'claim-extended': async (site) => {
    const deadlineAt = Date.now() + 48 * HOUR;
    const claim = await waiting(
      site,
      { giveOrder: () => Promise.resolve({ answer: 'confirmed', deadlineAt }) },
      24 * HOUR,
    );
    await claim.executeUpdate(extendDeadline, { args: [{ by, ms: 24 * HOUR }] });
    return await played(claim);
  },
  'claim-deadline-while-waiting': (site) =>
    played(site.claim({ awaitAvailable: notYet }, { deadlineMs: HOUR })),
  'claim-deadline-in-attention': (site) =>
    played(site.claim({ verifyCopy: failing('StoreConflict') }, { deadlineMs: HOUR })),
  'claim-deadline-while-downloading': (site) =>
    played(site.claim({ downloadArchive: untilCancelled }, { deadlineMs: 2_000 })),
  'claim-deadline-too-late': async (site) => {
    const sent = new Gate();
    const script = { abandonArchive: () => sent.pass({ outcome: 'abandoned' }) };
    const claim = await site.claim(script, { deadlineMs: 2_000 });
    await sent.reached;
    await site.sleep(4_000);
    await untilItCancels(claim);
    sent.open();
    return await played(claim);
  },
  'claim-cancelled': async (site) => {
    const claim = await waiting(site);
    await claim.cancel();
    return await played(claim);
  },
  'claim-cancelled-before-its-first-step': async (site) => {
    const key = site.archive();
    const options = { startDelay: '2 seconds' } as const;
    const claim = await site.start('claimArchive', claimWorkflowId(key), key, options);
    await claim.cancel();
    return await played(claim);
  },
  'claim-cancelled-while-downloading': async (site) => {
    const claim = await site.claim({ downloadArchive: untilCancelled });
    await site.reach(claim, 'downloadArchive');
    await claim.cancel();
    return await played(claim);
  },
  'claim-cancelled-too-late': async (site) => {
    const sent = new Gate();
    const claim = await site.claim({ abandonArchive: () => sent.pass({ outcome: 'abandoned' }) });
    await sent.reached;
    await claim.cancel();
    await untilItCancels(claim);
    sent.open();
    return await played(claim);
  },
};

async function waiting(site: RunningWorkflows, script: Script = {}, deadlineMs = 24 * HOUR): Promise<Claim> {
  const claim = await site.claim({ awaitAvailable: notYet, ...script }, { deadlineMs });
  await site.reach(claim, 'awaitAvailable');
  return claim;
}
