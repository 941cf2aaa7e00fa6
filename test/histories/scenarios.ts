import type { WorkflowHandle } from '@temporalio/client';
import { claimWorkflowId, repairWorkflowId } from '../../src/domain/ids';
import { announced, decide } from '../../src/workflows/messages';
import type { RunningWorkflows } from '../workflows/running-workflows';
import { failing, inTurn, itIsAvailable, NOTHING_DUE, SECURED } from '../workflows/script';

/** Plays a workflow to its end. @returns the workflow whose history is kept */
export type Scenario = (site: RunningWorkflows) => Promise<WorkflowHandle>;

type Script = Parameters<RunningWorkflows['claim']>[0];

/** Every way that a registered workflow can end, by the name of its history. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'claim-abandoned': claimed(),
  'claim-abandoned-at-the-second-try': claimed({
    abandonArchive: inTurn(failing('AbandonUnconfirmed', 1_000), () =>
      Promise.resolve({ outcome: 'abandoned' }),
    ),
  }),
  'claim-abandoned-after-attention': claimed({
    awaitAvailable: inTurn(failing('ChecksumMissing'), itIsAvailable),
  }),
  'claim-abandoned-after-a-bad-copy': claimed({
    verifyCopy: inTurn(failing('ChecksumMismatch'), () => Promise.resolve(SECURED)),
  }),
  'claim-abandoned-after-a-refused-key': claimed({
    awaitAvailable: inTurn(failing('CredentialsRejected', 40 * 60_000), itIsAvailable),
  }),
  'claim-secured-and-held': claimed({
    abandonArchive: () => Promise.resolve({ outcome: 'waits', waitsFor: 'held' }),
  }),
  'claim-found-done': claimed({
    awaitAvailable: () => Promise.resolve({ outcome: 'done', secured: SECURED, state: 'closed' }),
  }),
  'claim-given-up': ordered('giveUp'),
  'claim-woken': async (site) => {
    const claim = await site.claim({
      awaitAvailable: inTurn(failing('NotYetAvailable', 60_000), itIsAvailable),
    });
    await site.reach(claim, 'awaitAvailable');
    await claim.signal(announced);
    return await ended(claim);
  },
  'claim-decided-before': claimed({
    awaitAvailable: () => Promise.resolve({ outcome: 'decided', decision: 'giveUp' }),
  }),
  'claim-unknown': claimed({ awaitAvailable: () => Promise.resolve({ outcome: 'unknown' }) }),
  'claim-missed': claimed({ awaitAvailable: failing('ArchiveMissed') }),
  'claim-deadline': claimed({ awaitAvailable: failing('NotYetAvailable', 60_000) }),
  'claim-cancelled': async (site) => {
    const claim = await site.claim({ awaitAvailable: failing('NotYetAvailable', 60_000) });
    await site.reach(claim, 'awaitAvailable');
    await claim.cancel();
    return await ended(claim);
  },
  'claim-of-invalid-input': async (site) => {
    const key = site.archive();
    return await ended(await site.start('claimArchive', claimWorkflowId(key), null));
  },
  'sweep-with-nothing-due': sweep(() => Promise.resolve(NOTHING_DUE)),
  'sweep-refused': sweep(failing('UnknownTenant')),
  'repair-repaired': repair(),
  'repair-lost': repair({ beginRepair: () => Promise.resolve({ outcome: 'lost' }) }),
  'repair-found-whole': repair({ beginRepair: () => Promise.resolve({ outcome: 'whole' }) }),
  'repair-after-attention': repair({
    verifyCopy: inTurn(failing('StoreConflict'), () => Promise.resolve(SECURED)),
  }),
  'reconcile-reported': reconcile(),
  'reconcile-refused': reconcile({ reconcileArchives: failing('UnknownTenant') }),
  'rotation-rotated': rotate(),
  'rotation-refused': rotate({ registerCallback: failing('SubscriptionRefused') }),
};

function claimed(script: Script = {}): Scenario {
  return async (site) => await ended(await site.claim(script));
}

function ordered(choice: 'giveUp'): Scenario {
  return async (site) => {
    const claim = await site.claim({ awaitAvailable: failing('NotYetAvailable', 60_000) });
    await site.reach(claim, 'awaitAvailable');
    await claim.executeUpdate(decide, { args: [{ choice, by: 'jane' }] });
    return await ended(claim);
  };
}

function sweep(sweepDue: () => Promise<unknown>): Scenario {
  return async (site) => {
    site.scripts.set('acme', { sweepDue });
    return await ended(await site.start('sweepCopies', 'sweep:acme', { tenant: 'acme' }));
  };
}

function repair(script: Script = {}): Scenario {
  return async (site) => {
    const key = site.archive(script);
    return await ended(await site.start('repairCopy', repairWorkflowId(key), key));
  };
}

function reconcile(script: Script = {}): Scenario {
  return async (site) => {
    site.scripts.set('acme', script);
    return await ended(await site.start('reconcileTenant', 'reconcile:acme', { tenant: 'acme' }));
  };
}

function rotate(script: Script = {}): Scenario {
  return async (site) => {
    site.scripts.set('acme', script);
    return await ended(await site.start('rotateCallback', 'rotate:acme', { tenant: 'acme' }));
  };
}

async function ended<Workflow extends WorkflowHandle>(workflow: Workflow): Promise<Workflow> {
  await workflow.result().catch(() => undefined);
  return workflow;
}
