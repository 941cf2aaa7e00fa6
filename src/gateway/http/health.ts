import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Refuse } from './refusals';
import { withTimeout } from '../../claims/with-timeout';

/** Rejects if something that the gateway needs does not answer. */
export type Check = () => Promise<unknown>;

export interface HealthDependencies {
  /** The checks of what can store a notification durably, by name: one of them is enough. */
  readonly checks: Readonly<Record<string, Check>>;
  /** Whether the gateway was told to stop. */
  readonly isStopping: () => boolean;
  readonly refuse: Refuse;
}

/** Milliseconds that a check may take. */
export const CHECK_TIMEOUT = 2_000;
/** Milliseconds for which an answer is reused: frequent probes do not load the ledger and Temporal. */
const HOLDS = 500;

type State = 'ok' | 'unavailable';

/**
 * `GET /livez`: the process runs. `GET /readyz`: whether to send notifications here, and which checks pass. A gateway that
 * reaches only one of the two (`degraded`) still accepts every notification: to take it out of service would lose them.
 */
export function health(app: FastifyInstance, { checks, isStopping, refuse }: HealthDependencies): void {
  const known = Object.entries(checks).map(
    ([name, check]) => [name, remembered(() => stateOf(check))] as const,
  );

  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const states = await Promise.all(known.map(async ([name, state]) => [name, await state()] as const));
    const status = isStopping() ? 'stopping' : overall(states.map(([, state]) => state));
    const isReady = status === 'ok' || status === 'degraded';
    return reply.code(isReady ? 200 : 503).send({ status, checks: Object.fromEntries(states) });
  });

  const method = app.supportedMethods.filter((name) => name !== 'GET' && name !== 'HEAD');
  for (const url of ['/livez', '/readyz']) {
    app.route({ method, url, onRequest: refuseMethod, handler: refuseMethod });
  }

  async function refuseMethod(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await refuse(reply.header('allow', 'GET, HEAD'), 'wrongMethod');
  }
}

function overall(states: readonly State[]): 'ok' | 'degraded' | 'unavailable' {
  if (states.every((state) => state === 'ok')) return 'ok';
  return states.includes('ok') ? 'degraded' : 'unavailable';
}

async function stateOf(check: Check): Promise<State> {
  const answered = Promise.resolve()
    .then(check)
    .then((): State => 'ok');
  return (await withTimeout(CHECK_TIMEOUT, answered).catch(() => undefined)) ?? 'unavailable';
}

/** Shares one answer between requests that arrive at about the same time. */
function remembered(ask: () => Promise<State>): () => Promise<State> {
  let answer: Promise<State> | undefined;
  return () => {
    answer ??= ask().finally(() => setTimeout(() => (answer = undefined), HOLDS).unref());
    return answer;
  };
}
