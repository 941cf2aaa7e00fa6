import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import {
  ActivityCancellationDetails,
  CancelledFailure,
  noopMetricMeter,
  type Logger,
  type MetricMeter,
} from '@temporalio/common';

/**
 * Where an activity runs without Temporal: what `@temporalio/testing` has for it loads the whole worker with its native library, in
 * each test file anew.
 */
export class ActivityEnvironment extends EventEmitter<{ heartbeat: [details: unknown] }> {
  readonly #context: Context;
  readonly #end = new AbortController();
  #fail: (failure: CancelledFailure) => void = () => undefined;
  readonly #cancellation: { details?: ActivityCancellationDetails } = {};

  constructor(info: Partial<Info>, metricMeter: MetricMeter = noopMetricMeter) {
    super();
    const { signal } = this.#end;
    const cancelled = new Promise<never>((_, fail) => (this.#fail = fail));
    cancelled.catch(() => undefined);
    const beat = (details: unknown): boolean => this.emit('heartbeat', details);
    const whole = { ...USUAL_INFO, ...info };
    this.#context = new Context(
      whole,
      cancelled,
      signal,
      beat,
      undefined,
      SILENT,
      metricMeter,
      this.#cancellation,
    );
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    return await asyncLocalStorage.run(this.#context, work);
  }

  cancel(): void {
    this.#cancellation.details = new ActivityCancellationDetails({ cancelRequested: true });
    const failure = new CancelledFailure('CANCELLED');
    this.#end.abort(failure);
    this.#fail(failure);
  }
}

const USUAL_INFO: Info = {
  attempt: 1,
  taskQueue: 'test',
  isLocal: false,
  inWorkflow: true,
  taskToken: new Uint8Array(),
  base64TaskToken: '',
  activityId: 'test',
  activityType: 'test',
  workflowType: 'test',
  workflowExecution: { workflowId: 'test', runId: randomUUID() },
  namespace: 'test',
  // The type wants them still.
  /* eslint-disable @typescript-eslint/no-deprecated */
  activityNamespace: 'test',
  workflowNamespace: 'test',
  /* eslint-enable @typescript-eslint/no-deprecated */
  scheduledTimestampMs: 1,
  currentAttemptScheduledTimestampMs: 1,
  startToCloseTimeoutMs: 1_000,
  scheduleToCloseTimeoutMs: 1_000,
  heartbeatDetails: undefined,
};

/** Tests mean to cause the failures that it would tell of. */
const SILENT: Logger = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

let latest = 0;

/** As with Temporal, an attempt is scheduled later than all before it; it belongs to a run of its own unless `runId` says otherwise. */
export function activityEnvironment(
  attempt = 1,
  { runId = randomUUID(), ...info }: Partial<Info> & { readonly runId?: string } = {},
): ActivityEnvironment {
  latest = Math.max(latest + 1, Date.now());
  return new ActivityEnvironment({
    attempt,
    scheduledTimestampMs: latest,
    currentAttemptScheduledTimestampMs: latest,
    workflowExecution: { workflowId: 'test', runId },
    ...info,
  });
}
