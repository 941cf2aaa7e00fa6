import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StartOutcome } from '../claims/start-or-wake';
import { withTimeout } from '../claims/with-timeout';
import type { TenantId } from '../domain/ids';
import { OVERDUE_MS } from '../domain/sweep';
import type { Ledger } from '../ledger/ledger';
import type { QueueMeasure } from '../ledger/sql/queue';
import type { SecretOwner } from './http/callers';
import type { Refusal } from './http/refusals';
import type { Acceptance } from './intake';

/** The outcome of a notification. `ignored`: it has another topic. */
export type Outcome = Acceptance | 'ignored';

/** Why something was not accepted as a notification. */
export type Rejection = Refusal | 'crowdedOut' | 'tls';

/** Seconds: the platform waits for 3. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 3];

/** Milliseconds that the ledger may take to measure the queue. */
const MEASURE_TIMEOUT = 2_000;

export type GatewayMetrics = ReturnType<typeof createMetrics>;

/** The gateway's metrics. Labels come from fixed sets or from the configuration, never from a request. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const acknowledgements = new Histogram({
    name: 'archivist_gateway_acknowledgement_seconds',
    help: 'Time from the first byte of a notification, or from its connection if it is the first there, to its answer, by outcome.',
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
    name: 'archivist_gateway_queue_drained_total',
    help: 'Rows of the queue that this gateway took up, by what became of their claims.',
    labelNames: ['outcome'],
    registers,
  });
  showEventLoopDelay(registry);
  return {
    registry,
    acknowledged: (outcome: Outcome, seconds: number) => acknowledgements.observe({ outcome }, seconds),
    rejected: (reason: Rejection) => rejections.inc({ reason }),
    secretUsed: ({ tenant, generation }: SecretOwner) => secrets.inc({ tenant, generation }),
    drained: (outcome: StartOutcome) => drains.inc({ outcome }),
    /** Measures the queue and the sweep's overdue work whenever the metrics are read. */
    showLedger(ledger: Pick<Ledger, 'measureQueue' | 'countOverdue'>, tenants: readonly TenantId[]): void {
      showQueue(ledger, registry);
      showOverdue(ledger, tenants, registry);
    },
  };
}

/** Measures what no other metric shows: how long connections and bytes waited before the process saw them. */
function showEventLoopDelay(registry: Registry): void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    name: 'archivist_gateway_event_loop_delay_seconds',
    help: 'By how much the event loop was late, since the metrics were last read.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const quantile of [0.5, 0.99, 1])
        this.set({ quantile }, delay.count === 0 ? 0 : delay.percentile(quantile * 100) / 1e9);
      delay.reset();
    },
  });
}

/** Both gauges have no value while the ledger does not answer. */
function showQueue(queue: Pick<Ledger, 'measureQueue'>, registry: Registry): void {
  const measure = measuredOnce(() => queue.measureQueue());
  show(
    'entries',
    'archivist_gateway_queue_entries',
    'Archives in the queue whose claims have not begun yet; the same from every gateway.',
  );
  show(
    'oldestSeconds',
    'archivist_gateway_queue_oldest_seconds',
    'For how long the oldest of them has waited for a worker to look at it; 0 if none does.',
  );

  function show(what: keyof QueueMeasure, name: string, help: string): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set((await measure())?.[what] ?? NaN);
      },
    });
  }
}

/** The gateway shows them, because a sweep that does not run shows nothing. No values while the ledger does not answer. */
function showOverdue(
  ledger: Pick<Ledger, 'countOverdue'>,
  tenants: readonly TenantId[],
  registry: Registry,
): void {
  const count = measuredOnce(() => ledger.countOverdue(tenants, OVERDUE_MS));
  show('rechecks', 'Stored copies whose fixity check is overdue by more than an hour.');
  show('confirmations', 'Deletions by the platform whose confirmation is overdue by more than an hour.');

  function show(what: 'rechecks' | 'confirmations', help: string): void {
    new Gauge({
      name: `archivist_gateway_${what}_overdue`,
      help,
      labelNames: ['tenant'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const { tenant, [what]: overdue } of (await count()) ?? []) this.set({ tenant }, overdue);
      },
    });
  }
}

/** Measures once for all gauges that ask at the same time; `undefined` if the ledger does not answer in time. */
function measuredOnce<Measure>(measure: () => Promise<Measure>): () => Promise<Measure | undefined> {
  let measuring: Promise<Measure | undefined> | undefined;
  return () =>
    (measuring ??= withTimeout(MEASURE_TIMEOUT, measure())
      .catch(() => undefined)
      .finally(() => (measuring = undefined)));
}

/** Serves `GET /metrics` for Prometheus, and nothing else. @throws if the address is taken */
export async function startMetricsServer(
  { host, port }: { readonly host: string; readonly port: number },
  registry: Registry,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(
    { requestTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      request.resume();
      if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    },
  );
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
