import { setTimeout as pause } from 'node:timers/promises';
import type { SweepBatch } from '../../src/domain/sweep';
import type { RunningWorkflows } from '../workflows/running-workflows';
import { failing, inTurn, itIsAvailable, NOTHING_DUE, COPY, SECURED, type Script } from '../workflows/script';
import { played, type Scenarios } from './scenario';

const batch = (changes: Partial<SweepBatch>) => () => Promise.resolve({ ...NOTHING_DUE, ...changes });
const bad = failing('ChecksumMismatch');
const copyIsThere = () => Promise.resolve(COPY);
const isSecured = () => Promise.resolve(SECURED);

const tenants: Readonly<Record<string, readonly [string, Script]>> = {
  'reconcile-reported': ['reconcileTenant', {}],
  'reconcile-without-deliveries': [
    'reconcileTenant',
    { lookAtDeliveries: failing('SubscriptionsUnsupported') },
  ],
  'reconcile-not-configured': ['reconcileTenant', { reconcileArchives: failing('UnknownTenant') }],
  'sweep-nothing-due': ['sweepCopies', {}],
  'sweep-in-batches': [
    'sweepCopies',
    { sweepDue: inTurn(batch({ rechecked: 2, whole: 2, more: true }), batch({ closed: 1 })) },
  ],
  'sweep-not-configured': ['sweepCopies', { sweepDue: failing('UnknownTenant') }],
  'rotation-rotated': ['rotateCallback', {}],
  'rotation-nothing-older': ['rotateCallback', { deleteSuperseded: () => Promise.resolve([]) }],
  'rotation-late-subscription': [
    'rotateCallback',
    {
      retireSecrets: inTurn(
        () => Promise.resolve([3]),
        () => Promise.resolve([]),
      ),
    },
  ],
  'rotation-unsupported': ['rotateCallback', { registerCallback: failing('SubscriptionsUnsupported') }],
};

const repairs: Readonly<Record<string, Script>> = {
  'repair-repaired': {},
  'repair-whole': { beginRepair: () => Promise.resolve({ outcome: 'whole' }) },
  'repair-left-to-the-claim': { beginRepair: () => Promise.resolve({ outcome: 'claimed' }) },
  'repair-lost': { beginRepair: () => Promise.resolve({ outcome: 'lost' }) },
  'repair-nothing-to-repair': { beginRepair: failing('InvalidInput') },
  'repair-three-bad-copies': { verifyCopy: inTurn(bad, bad, bad, isSecured) },
  'repair-attention-healed': { downloadArchive: inTurn(failing('ArchiveTooLarge'), copyIsThere) },
};

/** What schedules start, and what that starts. */
export const SCHEDULE_SCENARIOS: Scenarios = {
  ...Object.fromEntries(
    Object.entries(tenants).map(([name, [type, script]]) => [
      name,
      (site: RunningWorkflows) => {
        site.scripts.set(name, script);
        return played(site.start(type as 'sweepCopies', `${type}:${name}`, { tenant: name }));
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(repairs).map(([name, script]) => [
      name,
      (site: RunningWorkflows) => repaired(site, script),
    ]),
  ),
  'repair-announced-in-attention': async (site) => {
    const key = site.archive({ downloadArchive: inTurn(failing('ArchiveTooLarge'), copyIsThere) });
    const repair = await site.start('repairCopy', `repair:acme:${key.archiveId}`, key);
    await site.reach(repair, 'needAttention');
    await site.sleep(60_000);
    await repair.signal('announced');
    return await played(repair);
  },
  'sweep-repairs-started': async (site) => {
    const [first, second] = [
      site.archive(),
      site.archive({ beginRepair: failing('NotYetAvailable', 60_000) }),
    ];
    await site.start('repairCopy', `repair:acme:${second.archiveId}`, second);
    site.scripts.set('acme', { sweepDue: batch({ rechecked: 2, damaged: [first, second] }) });
    return await played(site.start('sweepCopies', 'sweep:acme', { tenant: 'acme' }));
  },
  'reconcile-invalid-input': (site) => played(site.start('reconcileTenant', 'reconcile:acme', 'acme')),
  'sweep-invalid-input': (site) => played(site.start('sweepCopies', 'sweep:acme', null)),
  'repair-invalid-input': (site) => played(site.start('repairCopy', 'repair:acme:a', { tenant: 'acme' })),
  'rotation-invalid-input': (site) => played(site.start('rotateCallback', 'rotate:acme', { tenant: '' })),
};

async function repaired(site: RunningWorkflows, script: Script) {
  const key = site.archive(script);
  return await played(site.start('repairCopy', `repair:acme:${key.archiveId}`, key));
}

/**
 * Workflows that go on in new runs, on a server that suggests it early: the run that ended so. Those that continue them begin with
 * what these hand over; `…-continuation` is the last of them.
 */
export const LONG_SCENARIOS: Scenarios = {
  'claim-continued': async (site) => firstRun(site, await longClaim(site)),
  'claim-continuation': async (site) => lastRun(site, await longClaim(site)),
  'sweep-continued': async (site) => firstRun(site, await longSweep(site)),
  'sweep-continuation': async (site) => lastRun(site, await longSweep(site)),
  'repair-continued': async (site) => firstRun(site, await longRepair(site)),
  'repair-continuation': async (site) => lastRun(site, await longRepair(site)),
};

/** Events after which the server suggests a new run. */
export const SHORT_RUN = 60;

interface Ran {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}

async function longClaim(site: RunningWorkflows): Promise<Ran> {
  const claim = await site.claim({ awaitAvailable: failing('PlatformFailed') });
  await site.reach(claim, 'needAttention');
  while ((await claim.describe()).runId === claim.firstExecutionRunId) {
    await claim.signal('announced');
    await pause(100);
  }
  site.scripts.set(claim.workflowId.split(':')[2] ?? '', { awaitAvailable: itIsAvailable });
  await claim.signal('announced');
  await claim.result();
  return claim;
}

async function longSweep(site: RunningWorkflows): Promise<Ran> {
  const damaged = Array.from({ length: 60 }, () =>
    site.archive({ beginRepair: () => Promise.resolve({ outcome: 'whole' }) }),
  );
  site.scripts.set('acme', {
    sweepDue: inTurn(batch({ rechecked: 60, damaged, more: true }), batch({ queued: 1 })),
  });
  const sweep = await site.start('sweepCopies', 'sweep:acme', { tenant: 'acme' });
  await sweep.result();
  return sweep;
}

async function longRepair(site: RunningWorkflows): Promise<Ran> {
  const key = site.archive({ downloadArchive: failing('ArchiveTooLarge') });
  const repair = await site.start('repairCopy', `repair:acme:${key.archiveId}`, key);
  await site.reach(repair, 'needAttention');
  while ((await repair.describe()).runId === repair.firstExecutionRunId) {
    await repair.signal('announced');
    await pause(100);
  }
  site.scripts.set(key.archiveId, {});
  await repair.signal('announced');
  await repair.result();
  return repair;
}

function firstRun({ client }: RunningWorkflows, { workflowId, firstExecutionRunId }: Ran) {
  return client.workflow.getHandle(workflowId, firstExecutionRunId);
}

function lastRun({ client }: RunningWorkflows, { workflowId }: Ran) {
  return client.workflow.getHandle(workflowId);
}
