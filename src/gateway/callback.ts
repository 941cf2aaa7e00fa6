import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TenantId } from '../domain/ids';
import type { Refuse } from './answers';
import type { Identify } from './identification';
import type { Intake } from './intake';
import type { GatewayMetrics, Outcome } from './metrics';
import { parseNotification } from './notification';

interface Callback {
  readonly Params: { readonly secret: string };
}

export interface CallbackDependencies {
  readonly identify: Identify;
  readonly intake: Pick<Intake, 'take'>;
  readonly metrics: Pick<GatewayMetrics, 'acknowledged' | 'secretUsed'>;
  readonly refuse: Refuse;
}

/** What the sender is told: what is in the inbox is as safe as what Temporal has. */
const ANSWERS = {
  accepted: 'accepted',
  kept: 'accepted',
  duplicate: 'duplicate',
  ignored: 'ignored',
} as const satisfies Record<Exclude<Outcome, 'unavailable'>, string>;

/**
 * `POST /callbacks/flexperto/:secret`: where the platform delivers its notifications. Who calls is settled before the body is
 * read, so that a stranger sees the same 404 whatever he sends.
 */
export function callback(
  app: FastifyInstance,
  { identify, intake, metrics, refuse }: CallbackDependencies,
): void {
  const callers = new WeakMap<FastifyRequest, TenantId>();

  app.post<Callback>('/callbacks/flexperto/:secret', {
    onRequest: async (request, reply) => {
      const caller = await identify(request.params.secret, request.ip);
      if (typeof caller === 'string') return refuse(reply, caller);
      metrics.secretUsed(caller);
      callers.set(request, caller.tenant);
    },
    handler: async (request, reply) => {
      const tenant = callers.get(request);
      if (tenant === undefined) return refuse(reply, 'unknownSecret');
      const outcome = await outcomeOf(request, tenant);
      if (outcome === 'malformed') return refuse(reply, 'unprocessable');
      metrics.acknowledged(outcome, reply.elapsedTime / 1000);
      if (outcome === 'unavailable') return refuse(reply, 'unavailable');
      return reply.code(202).send({ status: ANSWERS[outcome] });
    },
  });

  async function outcomeOf({ body, log }: FastifyRequest, tenant: TenantId): Promise<Outcome | 'malformed'> {
    const notification = parseNotification(body);
    if (notification.kind === 'malformed') return 'malformed';
    if (notification.kind === 'other') return 'ignored';
    const { archiveId } = notification;
    const status = await intake.take({ tenant, archiveId });
    log[status === 'unavailable' ? 'warn' : 'info']({ tenant, archiveId, status }, 'Notification');
    return status;
  }
}
