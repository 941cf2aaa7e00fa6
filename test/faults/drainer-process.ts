// A drainer as a process of its own, so that it can be killed.
import pino from 'pino';
import { startDrainer } from '../../src/claims/drainer';
import { parseTenantId } from '../../src/domain/ids';
import { createLedger } from '../../src/ledger/ledger';
import { openPostgres } from '../../src/ledger/postgres';
import { createClient } from '../../src/temporal/connect';

export interface DrainerJob {
  /** Of the ledger. */
  readonly url: string;
  /** Of Temporal. */
  readonly address: string;
  readonly namespace: string;
  readonly leaseMs: number;
}

function run({ url, address, namespace, leaseMs }: DrainerJob): void {
  startDrainer({
    client: createClient({ connectionOptions: { address }, namespace }),
    queue: createLedger(openPostgres(url)),
    tenants: [parseTenantId('acme')],
    deadlineMs: 3_600_000,
    count: () => undefined,
    log: pino({ level: 'silent' }),
    spans: { lease: leaseMs, start: 2_000 },
  });
}

run(JSON.parse(process.argv[2] ?? '{}') as DrainerJob);
