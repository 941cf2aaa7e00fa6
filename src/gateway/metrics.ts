import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StartOutcome } from '../domain/start-outcome';
import type { Inbox, InboxMeasure } from '../ledger/inbox';
import type { Refusal } from './answers';
import type { SecretOwner } from './callback-secrets';
import type { Acceptance } from './intake';
import { within } from './within';

/** What became of a notification. `ignored`: of a topic that is not ours. */
export type Outcome = Acceptance | 'ignored';

/** Why something was not even taken for a notification. */
export type Rejection = Refusal | 'crowdedOut' | 'tls';

/** What the gateway counts. Labels are of fixed sets, or from the configuration: nothing of a request becomes one. */
export interface GatewayMetrics {
  readonly registry: Registry;
  readonly acknowledged: (outcome: Outcome, seconds: number) => void;
  readonly rejected: (rejection: Rejection) => void;
  readonly secretUsed: (owner: SecretOwner) => void;
  readonly drained: (outcome: StartOutcome) => void;
  /** Shows the inbox as it is when it is asked for. */
  readonly showInbox: (inbox: Pick<Inbox, 'measureInbox'>) => void;
}

/** Seconds: the platform waits for 3. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3];

/** Milliseconds that the ledger may take to tell of the inbox. */
const MEASURE_DEADLINE = 2_000;

export function createMetrics(): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  const acknowledgements = new Histogram({
    name: 'archivist_gateway_acknowledgement_seconds',
    help: 'Time from the headers of a notification to its answer, by what became of it.',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    registers,
  });
  const rejections = new Counter({
    name: 'archivist_gateway_rejections_total',
    help: 'What was not taken for a notification, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const secrets = new Counter({
    name: 'archivist_gateway_secret_uses_total',
    help: 'Requests with a callback secret, by tenant and by which of its secrets it was.',
    labelNames: ['tenant', 'generation'],
    registers,
  });
  const drains = new Counter({
    name: 'archivist_gateway_inbox_drained_total',
    help: 'Claims that were started, or tried, for notifications in the inbox, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  return {
    registry,
    acknowledged: (outcome, seconds) => acknowledgements.observe({ outcome }, seconds),
    rejected: (reason) => rejections.inc({ reason }),
    secretUsed: ({ tenant, generation }) => secrets.inc({ tenant, generation }),
    drained: (outcome) => drains.inc({ outcome }),
    showInbox: (inbox) => showInbox(inbox, registry),
  };
}

/** Both are without a value while the ledger does not answer. */
function showInbox(inbox: Pick<Inbox, 'measureInbox'>, registry: Registry): void {
  let measuring: Promise<InboxMeasure | undefined> | undefined;
  show(
    'entries',
    'archivist_gateway_inbox_entries',
    'Notifications in the inbox; the same from every gateway.',
  );
  show(
    'oldestSeconds',
    'archivist_gateway_inbox_oldest_seconds',
    'Age of the oldest of them; 0 without any.',
  );

  function show(what: keyof InboxMeasure, name: string, help: string): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set((await measure())?.[what] ?? NaN);
      },
    });
  }

  /** Once for both. */
  function measure(): Promise<InboxMeasure | undefined> {
    measuring ??= within(MEASURE_DEADLINE, inbox.measureInbox())
      .catch(() => undefined)
      .finally(() => (measuring = undefined));
    return measuring;
  }
}
