import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { ArchivistError, type FailureType } from '../../src/domain/failures';
import { FACTS, inTurn, POLICY, SECURED, USUAL, type Script } from '../workflows/script';
import type { Claim, Reconciliation, TimeLapse } from '../workflows/time-lapse';
import { EXPIRY_SCENARIOS } from './expiry-scenarios';
import { PERSON_SCENARIOS } from './person-scenarios';
import { SUBSCRIPTION_SCENARIOS } from './subscription-scenarios';

const HOUR = 3_600_000;
const failing = (type: FailureType, pauseMs?: number) => () =>
  Promise.reject(new ArchivistError(type, 'As recorded.', pauseMs));

/** Ways that a workflow can go, each played to its end. */
export const SCENARIOS: Readonly<Record<string, (lapse: TimeLapse) => Promise<WorkflowHandle>>> = {
  'v1-abandoned': (lapse) => toItsEnd(lapse, {}),
  'v1-already-done': (lapse) =>
    toItsEnd(lapse, { awaitAvailable: () => Promise.resolve({ outcome: 'done', secured: SECURED }) }),
  'v1-hurried': (lapse) =>
    toItsEnd(lapse, {
      awaitAvailable: () => Promise.resolve({ outcome: 'available', facts: FACTS, hurry: true }),
    }),
  'v1-abandoned-at-the-second-try': (lapse) =>
    toItsEnd(lapse, { abandonArchive: inTurn<unknown>(failing('AbandonUnconfirmed'), USUAL.abandonArchive) }),
  'v1-copy-only': (lapse) => toItsEnd(lapse, { policy: { ...POLICY, abandon: false } }),
  'v1-attention-healed': (lapse) =>
    toItsEnd(lapse, { secureCopy: inTurn<unknown>(failing('StoreConflict'), USUAL.secureCopy) }),
  'v1-three-bad-copies': (lapse) =>
    toItsEnd(lapse, {
      verifyCopy: inTurn<unknown>(
        ...Array.from({ length: 3 }, () => failing('ChecksumMismatch')),
        USUAL.verifyCopy,
      ),
    }),
  'v1-missed': (lapse) => toItsEnd(lapse, { awaitAvailable: failing('ArchiveMissed') }),
  'v1-deadline-while-waiting': (lapse) =>
    toItsEnd(lapse, {
      policy: { ...POLICY, deadlineMs: HOUR },
      awaitAvailable: failing('NotYetAvailable', 60_000),
    }),
  'v1-deadline-at-the-abandon': (lapse) =>
    toItsEnd(lapse, {
      policy: { ...POLICY, deadlineMs: HOUR },
      abandonArchive: failing('AbandonUnconfirmed'),
    }),
  'v1-announced-again': async (lapse) => {
    const claim = await lapse.claim({
      awaitAvailable: inTurn<unknown>(failing('NotYetAvailable', 24 * HOUR), USUAL.awaitAvailable),
    });
    await lapse.sleep(HOUR);
    await claim.signal('announced');
    return await ended(claim);
  },
  'v1-cancelled': async (lapse) => {
    const claim = await lapse.claim({ awaitAvailable: failing('NotYetAvailable', 24 * HOUR) });
    while (lapse.callsOf(claim).length === 0) await pause(10);
    await claim.cancel();
    return await ended(claim);
  },
  ...PERSON_SCENARIOS,
  ...EXPIRY_SCENARIOS,
  'reconcile-v1-reported': (lapse) => reconciled(lapse, 'acme'),
  'reconcile-v1-not-configured': (lapse) => reconciled(lapse, 'unknown'),
  ...SUBSCRIPTION_SCENARIOS,
};

async function toItsEnd(lapse: TimeLapse, script: Script): Promise<Claim> {
  return await ended(await lapse.claim(script));
}

async function ended(claim: Claim): Promise<Claim> {
  await claim.result().catch(() => undefined);
  return claim;
}

async function reconciled(lapse: TimeLapse, tenant: string): Promise<Reconciliation> {
  const reconciliation = await lapse.reconcile(tenant);
  await reconciliation.result().catch(() => undefined);
  return reconciliation;
}
