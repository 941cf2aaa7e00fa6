import type { FastifyInstance } from 'fastify';

/** What must answer before the gateway takes notifications; each rejects where it does not. */
export type Check = () => Promise<unknown>;

/** `GET /livez`: the process runs. `GET /readyz`: so does everything it needs, by name. */
export function health(app: FastifyInstance, checks: Readonly<Record<string, Check>>): void {
  app.get('/livez', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const names = Object.keys(checks);
    const outcomes = await Promise.allSettled(Object.values(checks).map((check) => check()));
    const states = Object.fromEntries(
      names.map((name, i) => [name, outcomes[i]?.status === 'fulfilled' ? 'ok' : 'unavailable']),
    );
    const isReady = outcomes.every(({ status }) => status === 'fulfilled');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', checks: states });
  });
}
