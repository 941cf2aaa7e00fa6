import type { Activities } from '../../src/activities/create-activities';
import { nameFailures } from '../../src/activities/name-failures';
import { unlessRefusedForLong } from '../../src/activities/unless-refused-for-long';
import type { ArchiveFacts, ClaimPolicy, SecuredArchive, VerifiedCopy } from '../../src/domain/claim';
import type { AbandonedArchive, ClosedArchive } from '../../src/domain/expiry';
import { ArchivistError } from '../../src/domain/failures';
import { parseConferenceId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import type { ReconcileReport } from '../../src/domain/reconciliation';

const SHA = 'ab'.repeat(32);

export const FACTS: ArchiveFacts = {
  conferenceId: parseConferenceId('conference-1'),
  sha256: SHA,
  platformStatus: 'AVAILABLE',
};
export const COPY: VerifiedCopy = { copyId: 'copy-1', sizeBytes: 1024, sha256: SHA, entries: 3 };
export const SECURED: SecuredArchive = {
  conferenceId: FACTS.conferenceId,
  sha256: SHA,
  sizeBytes: 1024,
  location: 'file:///bags/a',
};
export const POLICY: ClaimPolicy = { deadlineMs: 7 * 24 * 3600 * 1000, abandon: true };

export const ABANDONED: AbandonedArchive = {
  ...SECURED,
  state: 'abandoned',
  abandonedAt: '2026-01-01T00:00:00.000Z',
};
export const CLOSED: ClosedArchive = {
  ...SECURED,
  expiredAt: '2026-01-04T00:00:00.000Z',
  verifiedAt: '2026-01-04T00:00:01.000Z',
};

/** What reconciling a tenant tells. `broken` has a list that is not whole; `unknown` is not configured. */
export function reportOf(tenant: string): ReconcileReport {
  if (tenant === 'unknown') throw new ArchivistError('UnknownTenant', 'There is no such tenant.');
  const started = { missing: 2, unfinished: 0, rescued: 1, retried: 0, lost: 0 };
  return {
    tenant: parseTenantId(tenant),
    listed: 1_000,
    started,
    fromInbox: 0,
    missed: 1,
    left: 0,
    givenUp: 0,
    unusable: 0,
    ...(tenant === 'broken' && { incomplete: 'PlatformUnavailable' }),
  };
}

type Steps = Omit<Activities, 'readClaimPolicy' | 'reconcileArchives'>;

/** What the activities of one claim do in place of the usual. */
export type Script = { readonly [Name in keyof Steps]?: (...args: never[]) => Promise<unknown> } & {
  readonly policy?: ClaimPolicy;
};

export const USUAL = {
  awaitAvailable: () => Promise.resolve({ outcome: 'available', facts: FACTS, hurry: false }),
  downloadArchive: () => Promise.resolve(COPY),
  verifyCopy: () => Promise.resolve(COPY),
  secureCopy: () => Promise.resolve(SECURED),
  abandonArchive: () => Promise.resolve(),
  recordOutcome: () => Promise.resolve(),
  awaitAdmission: () => Promise.resolve(),
  recordDecision: () => Promise.resolve(),
  holdArchive: (_: ArchiveKey, by: string) => Promise.resolve({ by, since: '2026-01-01T00:00:00.000Z' }),
  releaseArchive: () => Promise.resolve(),
  orderAbandon: () => Promise.resolve(),
  findAbandoned: () => Promise.resolve(ABANDONED),
  recheckCopy: () => Promise.resolve('whole'),
  downloadAgain: () => Promise.resolve(COPY),
  recordRepair: () => Promise.resolve(),
  awaitExpired: () => Promise.resolve(),
  closeArchive: () => Promise.resolve(CLOSED),
} satisfies Steps;

/** As `createActivities` has it. */
const REFUSABLE: readonly string[] = ['awaitAvailable', 'downloadArchive', 'abandonArchive'];

/** The scripts of the claims under test, by archive, and the calls that were made for each, in order. */
export class Scripts {
  readonly #scripts = new Map<string, Script>();
  readonly #calls = new Map<string, string[]>();

  set(archiveId: string, script: Script): void {
    this.#scripts.set(archiveId, script);
  }

  callsOf(archiveId: string): readonly string[] {
    return this.#calls.get(archiveId) ?? [];
  }

  /** Activities for a worker. `readClaimPolicy` has no archive: the latest script's policy is the worker's. */
  activities(): Activities {
    return {
      readClaimPolicy: () => Promise.resolve([...this.#scripts.values()].at(-1)?.policy ?? POLICY),
      awaitAvailable: this.#step('awaitAvailable'),
      downloadArchive: this.#step('downloadArchive'),
      verifyCopy: this.#step('verifyCopy'),
      secureCopy: this.#step('secureCopy'),
      abandonArchive: this.#step('abandonArchive'),
      recordOutcome: this.#step('recordOutcome'),
      awaitAdmission: this.#step('awaitAdmission'),
      recordDecision: this.#step('recordDecision'),
      holdArchive: this.#step('holdArchive'),
      releaseArchive: this.#step('releaseArchive'),
      orderAbandon: this.#step('orderAbandon'),
      findAbandoned: this.#step('findAbandoned'),
      recheckCopy: this.#step('recheckCopy'),
      downloadAgain: this.#step('downloadAgain'),
      recordRepair: this.#step('recordRepair'),
      awaitExpired: this.#step('awaitExpired'),
      closeArchive: this.#step('closeArchive'),
      reconcileArchives: nameFailures(async (tenant) => await Promise.resolve(reportOf(tenant))),
    };
  }

  #step<Name extends keyof Steps>(name: Name): Steps[Name] {
    const step = nameFailures(
      (key: ArchiveKey, ...rest: unknown[]) => {
        const calls = this.#calls.get(key.archiveId) ?? [];
        this.#calls.set(key.archiveId, [...calls, `${name}${toldOf(name, rest)}`]);
        const scripted = this.#scripts.get(key.archiveId)?.[name] ?? USUAL[name];
        return (scripted as (...args: unknown[]) => Promise<unknown>)(key, ...rest);
      },
      REFUSABLE.includes(name) ? unlessRefusedForLong : undefined,
    );
    return step as Steps[Name];
  }
}

/** A step that does each of `turns` in turn, and the last of them from then on. */
export function inTurn<Result>(...turns: (() => Promise<Result>)[]): () => Promise<Result> {
  let calls = 0;
  return () => {
    const turn = turns[Math.min(calls, turns.length - 1)];
    calls += 1;
    return turn ? turn() : Promise.reject(new Error('no turn'));
  };
}

/** What is told of a call beside the activity's name, where tests look at it. */
function toldOf(name: keyof Steps, rest: readonly unknown[]): string {
  if (name === 'recordDecision') {
    const { choice, deadline, by } = rest[0] as Record<string, unknown>;
    return `:${String(choice ?? deadline)}:${String(by)}`;
  }
  const isTold = ['recordOutcome', 'holdArchive', 'releaseArchive', 'orderAbandon'].includes(name);
  return isTold ? `:${rest.join(':')}` : '';
}
