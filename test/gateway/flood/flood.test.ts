import * as fc from 'fast-check';
import { parseArchiveId, parseTenantId, claimWorkflowId } from '../../../src/domain/ids';
import { REFUSALS } from '../../../src/gateway/http/refusals';
import { until } from '../../e2e/until';
import { SECRET, tenant } from '../gateway';
import { startWholeGateway, type WholeGateway } from '../whole-gateway';
import { outcomeOf, requests, type GeneratedRequest } from './requests';
import { STRICT_SECRET } from './targets';
import { send, type Answer, type Mark } from './send';

/** Requests for each of the two gateways. */
const REQUESTS = Number(process.env['ARCHIVIST_TEST_REQUESTS'] ?? 1_000) / 2;
/** Requests that are sent at a time. */
const AT_ONCE = 20;
/** With this, every canary begins. */
const CANARY = 'Erika-Mustermann-';

jest.setTimeout(180_000 + REQUESTS * 50);

const TENANTS = {
  mycompany: tenant(SECRET),
  strict: tenant(STRICT_SECRET, { allowedSources: ['192.0.2.0/24'] }),
};

describe.each([
  ['X-Forwarded-For counts', ['127.0.0.1']],
  ['X-Forwarded-For does not count', []],
])('fuzzed requests, if %s,', (_, trustedProxies) => {
  let gateway: WholeGateway;
  let connections: number;
  /** The workflow ids of all claims that were promised. */
  const promised = new Set<string>();
  let sent = 0;
  beforeAll(async () => {
    gateway = await startWholeGateway({ tenants: TENANTS, listen: { trustedProxies } });
    await fetch(`${gateway.url}/readyz`, { headers: { connection: 'close' } });
    connections = openConnections();
  });
  afterAll(() => gateway.close());

  it('each get the expected response, which repeats no input', async () => {
    const batch = fc.array(requests, { minLength: AT_ONCE, maxLength: AT_ONCE });
    const all = fc.asyncProperty(batch, async (some) => {
      await Promise.all(some.map(expectRightAnswer));
    });
    // A failure names its request; to make the batch smaller would send more to a gateway that remembers.
    await fc.assert(all, { numRuns: REQUESTS / AT_ONCE, endOnFailure: true });
    expect(promised.size).toBeGreaterThan(REQUESTS / 50);
  });

  it('start exactly the accepted claims', async () => {
    const started = new Set<string>();
    await until('all to be listed', async () => {
      for await (const { workflowId } of gateway.observer.workflow.list()) started.add(workflowId);
      return started.size >= promised.size;
    });
    expect([...started].sort()).toEqual([...promised].sort());
  });

  it('leave none of their content in log and metrics', async () => {
    const seen = `${gateway.logged()}\n${await gateway.metrics.registry.metrics()}`;
    expect(seen).toContain('"status":"accepted"');
    for (const hidden of [CANARY, SECRET, STRICT_SECRET, '/callbacks/']) {
      expect(occurrences(seen, hidden)).toEqual([]);
      expect(occurrences(seen, [...Buffer.from(hidden)].join(','))).toEqual([]);
      expect(occurrences(seen, Buffer.from(hidden).toString('base64').slice(0, -4))).toEqual([]);
    }
    expect(occurrences(seen, 'reason="failed"')).toEqual([]);
  });

  it('leave no connection open', async () => {
    await until('the connections to be closed', () => Promise.resolve(openConnections() <= connections));
  });

  async function expectRightAnswer(request: GeneratedRequest): Promise<void> {
    sent += 1;
    const archiveId = request.isNew ? `new-${sent}` : `again-${sent % 7}`;
    const mark: Mark = { archiveId, canary: `${CANARY}${sent}` };
    const answer = await send(gateway.port, request, mark);
    const outcome = outcomeOf(request, trustedProxies.length > 0);
    expect({ request, problems: problemsOf(answer, outcome) }).toEqual({ request, problems: [] });
    if (/"(accepted|duplicate)"/.test(answer.body)) {
      const key = { tenant: parseTenantId(request.target.tenant), archiveId: parseArchiveId(archiveId) };
      promised.add(claimWorkflowId(key));
    }
  }
});

/** What an answer may be where nothing is taken in: those of health checks, and every refusal but those that are our fault. */
const REFUSED = [200, ...Object.values(REFUSALS).filter((status) => status < 500)];

function problemsOf(
  { status, body, text }: Answer,
  outcome: ReturnType<typeof outcomeOf>,
): readonly string[] {
  const isTaken = status === 202 && /^\{"status":"(accepted|duplicate)"\}$/.test(body);
  const isIgnored = status === 202 && body === '{"status":"ignored"}';
  const isRefused = REFUSED.includes(status);
  const isRight = {
    accepted: isTaken,
    ignored: isIgnored,
    refused: isRefused,
    any: isTaken || isIgnored || isRefused,
  }[outcome];
  return [
    ...(isRight ? [] : [`${outcome} was answered with ${text}`]),
    ...[CANARY, SECRET, STRICT_SECRET].filter((hidden) => text.includes(hidden)),
  ];
}

/** Of this process, of both sides. */
function openConnections(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

/** With what is around them, so that a failure tells where they are. */
function occurrences(text: string, hidden: string): readonly string[] {
  const index = text.indexOf(hidden);
  return index < 0 ? [] : [text.slice(Math.max(0, index - 100), index + 200)];
}
