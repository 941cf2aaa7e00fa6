import { randomUUID } from 'node:crypto';
import { createActivities, type Activities } from '../../src/activities/create-activities';
import type { Dependencies } from '../../src/activities/dependencies';
import { createListReader } from '../../src/activities/reconciliation/list-reader';
import { createLedger } from '../../src/ledger/ledger';
import type { Database } from '../../src/ledger/postgres';
import type { Random } from '../chaos/plan/random';
import { activityEnvironment } from '../support/activity-environment';
import { withCheckpoints, type Gate } from './checkpoints';
import { running, type Timekeeper } from './clock';
import type { FakePlatform } from './fake-platform';
import type { FakeStore } from './fake-store';
import type { Oracle } from './oracle';
import type { Scheduled, Scheduler } from './scheduler';

/** What a process finds around it. */
export interface Surroundings extends Pick<Dependencies, 'settings' | 'expiry'> {
  readonly random: Random;
  readonly platform: FakePlatform;
  readonly store: FakeStore;
  readonly scheduler: Scheduler;
  readonly oracle: Oracle;
  /** Milliseconds that the virtual clock is ahead. */
  readonly aheadMs: number;
  advance(ms: number): void;
  timeout(ms: number): AbortSignal;
}

/** A process of its own: its own connection, its own reader of lists, and the real activities on ports that wait for their turn. */
export class Actor implements Scheduled, Timekeeper {
  isDead = false;
  hasEnded = false;
  weight: number;
  /** The flight that its last judgement opened. */
  flightId: string | undefined;
  /** Given up by its workflow: a later attempt was started. */
  readonly timedOut: Promise<'timedOut'>;
  readonly timeOut: () => void;
  readonly dependencies: Dependencies;

  constructor(
    readonly world: Surroundings,
    readonly name: string,
    readonly database: Database,
  ) {
    const [promise, resolve] = deferred();
    this.timedOut = promise;
    this.timeOut = resolve;
    this.weight = world.random.pick([1, 1, 0.3, 0.05]);
    const wait = (point: string) => world.scheduler.point(this, point);
    const gate: Gate = {
      wait,
      statement: (of, work) => world.scheduler.statement(of, work),
      observe: (point, args) => world.oracle.sees(this.name, point, args),
      observeResult: (point, args, result) => {
        if (point === 'ledger.intend' && result === 'intended')
          this.flightId = (args[2] as { readonly flightId: string }).flightId;
        world.oracle.seesResult(this.name, point, args, result);
      },
    };
    const { ledger, store, platform } = withCheckpoints(
      {
        ledger: createLedger(database),
        store: world.store.port((copy) => ({
          ...copy,
          get receivedBytes() {
            return copy.receivedBytes;
          },
          append: (...chunks) => wait('copy.append').then(() => copy.append(...chunks)),
          finish: () => wait('copy.finish').then(() => copy.finish()),
          release: () => wait('copy.release').then(() => copy.release()),
        })),
        platform: world.platform.portFor(name, () => this.flightId, wait),
      },
      database,
      gate,
    );
    const { settings, expiry } = world;
    const platformOf = () => platform;
    const sources = { platformOf, ledger, workerId: name, expiry };
    const lists = createListReader(sources, { pauseFactor: 0, pollMs: 10 });
    this.dependencies = { platformOf, store, ledger, settings, expiry, lists, workerId: name };
  }

  get aheadMs(): number {
    return this.world.aheadMs;
  }

  async pause(ms: number): Promise<void> {
    await this.world.scheduler.point(this, 'clock.pause');
    this.world.advance(ms);
  }

  timeout(ms: number): AbortSignal {
    return this.world.timeout(ms);
  }

  /** Does something as this process. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await running.run(this, work);
    } finally {
      this.hasEnded = true;
    }
  }

  /** Runs one attempt of an activity, as Temporal would. */
  async attempt<Name extends keyof Activities>(
    { attempt, ...run }: { readonly attempt: number; readonly runId: string; readonly workflowType?: string },
    name: Name,
    ...args: Parameters<Activities[Name]>
  ): Promise<Awaited<ReturnType<Activities[Name]>>> {
    const environment = activityEnvironment(attempt, run);
    const activity = createActivities(this.dependencies)[name] as unknown as (
      ...all: typeof args
    ) => Promise<never>;
    return await this.run(() => environment.run(() => activity(...args)));
  }
}

export const newRunId = (): string => randomUUID();

function deferred(): [Promise<'timedOut'>, () => void] {
  let resolve = (): void => undefined;
  const promise = new Promise<'timedOut'>((settle) => (resolve = () => settle('timedOut')));
  return [promise, resolve];
}
