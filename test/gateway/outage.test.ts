import { until } from '../e2e/until';
import { listedRuns } from '../support/temporal';
import { faultyDatabase, type FaultyDatabase } from './faulty-database';
import { notification, PATH, post } from './gateway';
import { startWholeGateway, type WholeGateway } from './whole-gateway';
import { openWire, type Wire } from './wire';

/** Milliseconds that the platform waits for an answer. */
const PLATFORM_WAITS = 3_000;

/** The gateway with a Temporal behind a wire, and a ledger that can fail. */
let wire: Wire;
let database: FaultyDatabase;
let gateway: WholeGateway;

beforeAll(async () => {
  gateway = await startWholeGateway({
    async behind(temporal) {
      wire = await openWire(Number(temporal.split(':')[1]));
      return `127.0.0.1:${wire.port}`;
    },
    over: (well) => (database = faultyDatabase(well)),
  });
});

afterAll(async () => {
  await gateway.close();
  await wire.close();
});

afterEach(async () => {
  database.become('well');
  await wire.mend();
});

/** Announces archives all at once. @returns how each was answered */
async function announce(ids: readonly string[]): Promise<string[]> {
  return await Promise.all(
    ids.map(async (id) => {
      const answer = await post(gateway.url + PATH, notification(id));
      const { status, error } = (await answer.json()) as { status?: string; error?: string };
      const retryAfter = answer.headers.get('retry-after');
      return `${answer.status} ${status ?? error}${retryAfter === null ? '' : `, again after ${retryAfter} s`}`;
    }),
  );
}

async function expectStartedOnce(ids: readonly string[]): Promise<void> {
  for (const id of ids) await expect(listedRuns(gateway.observer, `claim:mycompany:${id}`)).resolves.toBe(1);
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

async function queued(): Promise<number> {
  return (await gateway.ledger.measureQueue()).entries;
}

const ACCEPTED = '202 accepted';
const DUPLICATE = '202 duplicate';
const REFUSED = '503 service unavailable, again after 1 s';

describe('while Temporal cannot be reached, a notification', () => {
  it('is accepted, and its claim is started when Temporal is back', async () => {
    await wire.cut();
    const ids = names('cut', 20);
    const before = await queued();
    const began = Date.now();
    expect(await announce(ids)).toEqual(ids.map(() => ACCEPTED));
    expect(Date.now() - began).toBeLessThan(PLATFORM_WAITS);
    expect(await queued()).toBe(before + 20);
    await wire.mend();
    await expectStartedOnce(ids);
  });

  it('is stored once, however often it arrives', async () => {
    await wire.cut();
    expect((await announce(['same', 'same', 'same'])).sort()).toEqual([ACCEPTED, DUPLICATE, DUPLICATE]);
    await wire.mend();
    await expectStartedOnce(['same']);
  });
});

describe('while the ledger fails, a notification', () => {
  it('is accepted through Temporal at once, even several at a time, and recognised the second time', async () => {
    database.become('failing');
    const ids = names('without-ledger', 30);
    const began = Date.now();
    expect(await announce(ids)).toEqual(ids.map(() => ACCEPTED));
    expect(Date.now() - began).toBeLessThan(PLATFORM_WAITS);
    expect(await announce(['without-ledger-0'])).toEqual([DUPLICATE]);
    await expectStartedOnce(ids);
    const metrics = await gateway.metrics.registry.metrics();
    expect(metrics).toContain('archivist_gateway_acknowledgement_seconds_count{outcome="started"} 30');
  });
});

describe('while the ledger is silent, a notification', () => {
  it('is accepted through Temporal in time', async () => {
    database.become('silent');
    const began = Date.now();
    expect(await announce(names('silent-ledger', 20))).toEqual(
      names('silent-ledger', 20).map(() => ACCEPTED),
    );
    expect(Date.now() - began).toBeLessThan(PLATFORM_WAITS);
    await expectStartedOnce(names('silent-ledger', 20));
  });
});

describe('a hanging write', () => {
  it('times out, succeeds on another connection, and does not need Temporal', async () => {
    await wire.cut();
    database.hangNext(/INSERT INTO queue/);
    const began = Date.now();
    expect(await announce(['hung'])).toEqual([ACCEPTED]);
    expect(Date.now() - began).toBeLessThan(1_500);
    database.hangNext(/INSERT INTO queue/);
    const first = announce(['hung-first']);
    await until('the write', () => Promise.resolve(database.isWaitedFor()));
    expect(await announce(names('behind', 10))).toEqual(names('behind', 10).map(() => ACCEPTED));
    expect(await first).toEqual([ACCEPTED]);
    await wire.mend();
    await expectStartedOnce(['hung', 'hung-first', ...names('behind', 10)]);
  });
});

describe('while neither Temporal nor the ledger answers, a notification', () => {
  it.each(['failing', 'silent'] as const)(
    'must be retried (the ledger is %s), and the gateway says so only shortly before the platform times out',
    async (state) => {
      await wire.cut();
      database.become(state);
      const began = Date.now();
      expect(await announce(names(state, 10))).toEqual(names(state, 10).map(() => REFUSED));
      expect(Date.now() - began).toBeGreaterThan(2_000);
      // As the gateway itself measures it, from the connection on: here, it shares its processor with everything else.
      const metrics = await gateway.metrics.registry.metrics();
      const [, inTime] =
        /acknowledgement_seconds_bucket\{le="3",outcome="unavailable"\} (\d+)/.exec(metrics) ?? [];
      const [, all] = /acknowledgement_seconds_count\{outcome="unavailable"\} (\d+)/.exec(metrics) ?? [];
      expect(inTime).toBe(all);
    },
  );

  it('is accepted if the ledger is back before the platform times out', async () => {
    await wire.cut();
    database.become('failing');
    setTimeout(() => database.become('well'), 1_500);
    expect(await announce(names('ledger-back', 5))).toEqual(names('ledger-back', 5).map(() => ACCEPTED));
  });

  it('is accepted if Temporal is back before the platform times out', async () => {
    await wire.cut();
    database.become('failing');
    setTimeout(() => void wire.mend(), 300);
    expect(await announce(names('temporal-back', 5))).toEqual(names('temporal-back', 5).map(() => ACCEPTED));
    await expectStartedOnce(names('temporal-back', 5));
  });
});

describe('stopping the gateway', () => {
  it('does not wait for a silent ledger', async () => {
    let silent: FaultyDatabase | undefined;
    const other = await startWholeGateway({ over: (well) => (silent = faultyDatabase(well)) });
    silent?.become('silent');
    await until('the drainer to meet silence', () => Promise.resolve(silent?.isWaitedFor()));
    const began = Date.now();
    await other.close();
    expect(Date.now() - began).toBeLessThan(8_000);
  });
});

describe('the log of these outages', () => {
  it('contains only the codes of the errors', () => {
    expect(gateway.logged()).toContain('ECONNREFUSED');
    expect(gateway.logged()).not.toContain('MARKER');
    expect(gateway.logged()).not.toContain('xzy789');
  });
});
