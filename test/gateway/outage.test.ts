import { until } from '../e2e/until';
import { faultyDatabase, type FaultyDatabase } from './faulty-database';
import { notification, PATH, post } from './gateway';
import { startWholeGateway, type WholeGateway } from './whole-gateway';
import { openWire, type Wire } from './wire';

jest.setTimeout(60_000);

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
  await until('Temporal to be asked again', async () => (await announce(['warm-up']))[0] === '202 duplicate');
  await until('the inbox to be empty', async () => (await gateway.ledger.measureInbox()).entries === 0);
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
  for (const id of ids) {
    const claim = gateway.observer.workflow.getHandle(`claim:mycompany:${id}`);
    await until(
      `the claim of ${id}`,
      async () => (await claim.describe().catch(() => undefined)) !== undefined,
    );
    const { events } = await claim.fetchHistory();
    expect(events?.filter((event) => event.workflowExecutionStartedEventAttributes)).toHaveLength(1);
  }
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

const ACCEPTED = '202 accepted';
const REFUSED = '503 service unavailable, again after 1 s';

describe('while Temporal cannot be reached, a notification', () => {
  it('is accepted, and its claim is started by itself when Temporal is back', async () => {
    await wire.cut();
    const ids = names('cut', 20);
    expect(await announce(ids)).toEqual(ids.map(() => ACCEPTED));
    expect(await gateway.ledger.measureInbox()).toMatchObject({ entries: 20 });
    await wire.mend();
    await expectStartedOnce(ids);
  });

  it('is kept once, however often it comes', async () => {
    await wire.cut();
    expect(await announce(['same', 'same', 'same'])).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    expect(await gateway.ledger.measureInbox()).toMatchObject({ entries: 1 });
    await wire.mend();
    await expectStartedOnce(['same']);
  });

  it.each(['failing', 'silent'] as const)(
    'is to come again where the ledger is %s, too, and hears so while the platform still waits',
    async (state) => {
      await wire.cut();
      database.become(state);
      const began = Date.now();
      expect(await announce(names(state, 20))).toEqual(names(state, 20).map(() => REFUSED));
      expect(Date.now() - began).toBeLessThan(3_000);
    },
  );
});

describe('while Temporal is silent, a notification', () => {
  it('is accepted, and its claim is started once, although the answer of the first start never came', async () => {
    wire.hold();
    const ids = names('held', 5);
    expect(await announce(ids)).toEqual(ids.map(() => ACCEPTED));
    await expectStartedOnce(ids);
    expect(await gateway.ledger.measureInbox()).toMatchObject({ entries: 5 });
    await wire.mend();
    await until('the inbox to be empty', async () => (await gateway.ledger.measureInbox()).entries === 0);
    await expectStartedOnce(ids);
  });

  it('waits for it where the ledger fails', async () => {
    wire.hold();
    database.become('failing');
    const answers = announce(names('patient', 3));
    setTimeout(() => void wire.mend(), 300);
    expect(await answers).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    database.become('well');
    await expectStartedOnce(names('patient', 3));
  });
});

describe('while the ledger fails, a notification', () => {
  it('is accepted by Temporal, also where several come at once', async () => {
    database.become('failing');
    const ids = names('without-ledger', 8);
    expect(await announce(ids)).toEqual(ids.map(() => ACCEPTED));
    database.become('well');
    await expectStartedOnce(ids);
  });
});

describe('a stop', () => {
  it('does not wait for a ledger that is silent', async () => {
    let silent: FaultyDatabase | undefined;
    const other = await startWholeGateway({ over: (well) => (silent = faultyDatabase(well)) });
    silent?.become('silent');
    await until('the drainer to meet silence', () => Promise.resolve(silent?.isWaitedFor()));
    const began = Date.now();
    await other.close();
    expect(Date.now() - began).toBeLessThan(8_000);
  });
});

describe('afterwards, the log', () => {
  it('has nothing of the errors but what they are', () => {
    expect(gateway.logged()).toContain('ECONNREFUSED');
    expect(gateway.logged()).not.toContain('MARKER');
    expect(gateway.logged()).not.toContain('xzy789');
  });
});
