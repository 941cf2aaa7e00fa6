import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isArchiveId, type ArchiveId, type TenantId } from '../../domain/ids';
import { isArchiveTopic } from '../../domain/topics';
import type { Intake } from '../intake';
import type { GatewayMetrics, Outcome } from '../metrics';
import type { Callers } from './callers';
import { arrivalOf } from './listener';
import type { Refuse } from './refusals';

export interface CallbackDependencies {
  readonly identify: Callers['identify'];
  readonly intake: Intake;
  readonly metrics: Pick<GatewayMetrics, 'acknowledged' | 'secretUsed'>;
  readonly refuse: Refuse;
}

/** The statuses for the sender. A notification in the queue is as safe as one in Temporal. */
const ANSWERS = {
  accepted: 'accepted',
  started: 'accepted',
  duplicate: 'duplicate',
  ignored: 'ignored',
} as const satisfies Record<Exclude<Outcome, 'unavailable'>, string>;

/**
 * `POST /callbacks/flexperto/:secret`, to which the platform delivers its notifications. The caller is identified before the body
 * is read, so that a stranger gets the same 404 whatever the body is.
 */
export function callback(
  app: FastifyInstance,
  { identify, intake, metrics, refuse }: CallbackDependencies,
): void {
  const callers = new WeakMap<FastifyRequest, TenantId>();

  app.post<{ Params: { readonly secret: string } }>('/callbacks/flexperto/:secret', {
    onRequest: async (request, reply) => {
      const caller = await identify(request.params.secret, request.ip);
      if (typeof caller === 'string') return refuse(reply, caller);
      metrics.secretUsed(caller);
      callers.set(request, caller.tenant);
    },
    handler: async (request, reply) => {
      const tenant = callers.get(request);
      if (tenant === undefined) return refuse(reply, 'unknownSecret');
      const arrivedAt = arrivalOf(request.raw);
      const outcome = await outcomeOf(request, tenant, arrivedAt);
      if (outcome === 'malformed') return refuse(reply, 'unprocessable');
      metrics.acknowledged(outcome, (performance.now() - arrivedAt) / 1_000);
      if (outcome === 'unavailable') return refuse(reply, 'unavailable');
      return reply.code(202).send({ status: ANSWERS[outcome] });
    },
  });

  async function outcomeOf(
    { body, log }: FastifyRequest,
    tenant: TenantId,
    arrivedAt: number,
  ): Promise<Outcome | 'malformed'> {
    const notification = parseNotification(body);
    if (typeof notification === 'string') return notification;
    const { archiveId } = notification;
    const status = await intake({ tenant, archiveId }, arrivedAt);
    log[status === 'unavailable' ? 'warn' : 'info']({ tenant, archiveId, status }, 'Notification');
    return status;
  }
}

/** Validates only what is used: the platform may send further properties of any type, and its meta is personal data. */
const notificationSchema = z.looseObject({
  data: z.looseObject({ archive_id: z.preprocess(asText, z.custom<ArchiveId>(isArchiveId)) }),
});
const topicSchema = z.looseObject({ meta: z.looseObject({ topic: z.string() }) });

/** Converts a number to its digits, unless JSON may have rounded it. */
function asText(id: unknown): unknown {
  return Number.isSafeInteger(id) ? String(id) : id;
}

/**
 * Parses a notification. It is only a hint: the gateway believes only that an archive of this id may exist. `ignored`: it has
 * another topic; the gateway acknowledges it all the same.
 */
function parseNotification(body: unknown): { readonly archiveId: ArchiveId } | 'ignored' | 'malformed' {
  const { data: withTopic } = topicSchema.safeParse(body);
  if (withTopic && !isArchiveTopic(withTopic.meta.topic)) return 'ignored';
  const { data: notification } = notificationSchema.safeParse(body);
  return notification ? { archiveId: notification.data.archive_id } : 'malformed';
}
