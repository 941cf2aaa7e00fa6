import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** What must answer before the gateway takes notifications; each rejects where it does not. */
export type Check = () => Promise<unknown>;

/** Milliseconds that a check may take. */
export const CHECK_DEADLINE = 2_000;

/** `GET /livez`: the process runs. `GET /readyz`: so does everything it needs, by name. */
export function health(app: FastifyInstance, checks: Readonly<Record<string, Check>>): void {
  app.get('/livez', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const states = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await stateOf(check)] as const),
    );
    const isReady = states.every(([, state]) => state === 'ok');
    const status = isReady ? 'ok' : 'unavailable';
    return reply.code(isReady ? 200 : 503).send({ status, checks: Object.fromEntries(states) });
  });
}

async function stateOf(check: Check): Promise<'ok' | 'unavailable'> {
  const tooLate = sleep(CHECK_DEADLINE, 'unavailable' as const, { ref: false });
  try {
    return await Promise.race([check().then(() => 'ok' as const), tooLate]);
  } catch {
    return 'unavailable';
  }
}
