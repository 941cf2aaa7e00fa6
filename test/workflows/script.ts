import type { Activities, SubscriptionActivities } from '../../src/activities/create-activities';
import { nameFailures } from '../../src/activities/name-failures';
import type {
  ArchiveFacts,
  AvailabilityOutcome,
  DownloadedCopy,
  SecuredArchive,
} from '../../src/domain/claim';
import { ArchivistError, type FailureType } from '../../src/domain/failures';
import { parseConferenceId, parseTenantId } from '../../src/domain/ids';
import type { ReconcileReport } from '../../src/domain/reconciliation';
import { NOTHING_SWEPT, type SweepBatch } from '../../src/domain/sweep';

const SHA = 'ab'.repeat(32);

export const FACTS: ArchiveFacts = {
  conferenceId: parseConferenceId('conference-1'),
  sha256: SHA,
  platformStatus: 'AVAILABLE',
};
export const COPY: DownloadedCopy = { copyId: 'copy-1', sizeBytes: 1024, sha256: SHA };
export const SECURED: SecuredArchive = {
  conferenceId: FACTS.conferenceId,
  sha256: SHA,
  sizeBytes: 1024,
  location: 'file:///bags/a',
};
export const REPORT: ReconcileReport = {
  tenant: parseTenantId('acme'),
  listed: 1_000,
  changed: 3,
  queued: 2,
  missed: 1,
  unusable: 0,
};
export const NOTHING_DUE: SweepBatch = { ...NOTHING_SWEPT, damaged: [], more: false };

type Steps = Activities &
  Pick<
    SubscriptionActivities,
    'newestGeneration' | 'registerCallback' | 'confirmCallback' | 'deleteSuperseded' | 'retireSecrets'
  >;
type StepName = keyof Steps;

/** What activities do in place of the usual. They are given what the workflow gives them. */
export type Script = Readonly<Partial<Record<StepName, (...args: never[]) => Promise<unknown>>>>;

const USUAL: { readonly [Name in StepName]: (...args: Parameters<Steps[Name]>) => Promise<unknown> } = {
  awaitAvailable: (_, { deadlineAt }) => Promise.resolve(available({ deadlineAt })),
  downloadArchive: () => Promise.resolve(COPY),
  verifyCopy: () => Promise.resolve(SECURED),
  abandonArchive: () => Promise.resolve({ outcome: 'abandoned' }),
  endClaim: () => Promise.resolve(),
  needAttention: () => Promise.resolve(),
  readOrders: () => Promise.resolve({}),
  giveOrder: () => Promise.resolve({ answer: 'confirmed' }),
  reconcileArchives: () => Promise.resolve(REPORT),
  lookAtDeliveries: () => Promise.resolve({ subscriptions: 1, attempts: 50, failed: 0, lost: 0 }),
  sweepDue: () => Promise.resolve(NOTHING_DUE),
  beginRepair: () => Promise.resolve({ outcome: 'repair', facts: { ...FACTS, platformStatus: 'ABANDONED' } }),
  newestGeneration: () => Promise.resolve(1),
  registerCallback: () => Promise.resolve({ generation: 2, subscriptionId: 's2', alreadyThere: false }),
  confirmCallback: () => Promise.resolve('yes'),
  deleteSuperseded: () => Promise.resolve([1]),
  retireSecrets: () => Promise.resolve([]),
};

/** The answer of `awaitAvailable` for an archive that can be downloaded. */
export function available(
  changes: Partial<AvailabilityOutcome & { outcome: 'available' }> = {},
): AvailabilityOutcome {
  return { outcome: 'available', facts: FACTS, urgent: false, deadlineAt: 0, ...changes };
}

/** The same, as a turn of `inTurn`. */
export function itIsAvailable(): Promise<AvailabilityOutcome> {
  return Promise.resolve(available());
}

/** A step that fails as `type`, and, if it is retried, is tried again after `pauseMs`. */
export function failing(type: FailureType, pauseMs?: number) {
  return (): Promise<never> => Promise.reject(new ArchivistError(type, 'As scripted.', pauseMs));
}

/** A step that does each of `turns` in turn, and the last of them from then on. */
export function inTurn(...turns: (() => Promise<unknown>)[]): () => Promise<unknown> {
  let calls = 0;
  return () => {
    const turn = turns[Math.min(calls, turns.length - 1)];
    calls += 1;
    return turn ? turn() : Promise.reject(new Error('no turn'));
  };
}

/** One call of an activity: its name, and what it was given beside the archive or the tenant. */
export interface Call {
  readonly name: StepName;
  readonly args: readonly unknown[];
}

/** The scripts of the workflows under test, by archive or tenant, and the calls that were made for each, in order. */
export class Scripts {
  readonly #scripts = new Map<string, Script>();
  readonly #calls = new Map<string, Call[]>();

  /** From now on the activities about `subject`, an archive or a tenant, do this. */
  set(subject: string, script: Script): void {
    this.#scripts.set(subject, script);
  }

  callsOf(subject: string): readonly Call[] {
    return this.#calls.get(subject) ?? [];
  }

  /** Activities for a worker. Their failures are named, and retried, as those of `createActivities`. */
  activities(): Readonly<Record<string, (...args: never[]) => Promise<unknown>>> {
    const names = Object.keys(USUAL) as StepName[];
    return Object.fromEntries(
      names.map((name) => [
        name,
        nameFailures(
          (about: unknown, ...args: unknown[]) => this.#play(name, about, args),
          (_, ...args) => name === 'awaitAvailable' && isPatient(args),
        ),
      ]),
    );
  }

  async #play(name: StepName, about: unknown, args: readonly unknown[]): Promise<unknown> {
    const subject = typeof about === 'string' ? about : (about as { readonly archiveId: string }).archiveId;
    this.#calls.set(subject, [...this.callsOf(subject), { name, args }]);
    const scripted = (this.#scripts.get(subject)?.[name] ?? USUAL[name]) as (
      ...args: unknown[]
    ) => Promise<unknown>;
    return await scripted(about, ...args);
  }
}

function isPatient([input]: readonly unknown[]): boolean {
  return (input as { readonly patient?: boolean }).patient === true;
}
