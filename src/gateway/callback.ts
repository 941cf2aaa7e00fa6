import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config/load-config';
import { createAddressFilter } from '../config/web-address';
import type { TenantId } from '../domain/ids';
import { refuse } from './answers';
import { createSecretLookup } from './callback-secrets';
import type { Intake } from './intake';
import { parseNotification } from './notification';

interface Callback {
  readonly Params: { readonly secret: string };
}

/**
 * `POST /callbacks/flexperto/:secret`: where the platform delivers its notifications. Who calls is settled before the body is
 * read, so that a stranger sees the same 404 whatever he sends.
 */
export function callback(app: FastifyInstance, tenants: Config['tenants'], intake: Intake): void {
  const callerOf = createCallerLookup(tenants);
  const callers = new WeakMap<FastifyRequest, TenantId>();

  app.post<Callback>('/callbacks/flexperto/:secret', {
    onRequest: async (request, reply) => {
      const tenant = callerOf(request.params.secret, request.ip);
      if (tenant === undefined) return refuse(reply, 404);
      callers.set(request, tenant);
    },
    handler: async (request, reply) => {
      const tenant = callers.get(request);
      if (tenant === undefined) return refuse(reply, 404);
      const notification = parseNotification(request.body);
      if (notification.kind === 'malformed') return refuse(reply, 422);
      if (notification.kind === 'other') return reply.code(202).send({ status: 'ignored' });

      const { archiveId } = notification;
      const status = await intake({ tenant, archiveId });
      request.log[status === 'unavailable' ? 'warn' : 'info']({ tenant, archiveId, status }, 'Notification');
      return status === 'unavailable' ? refuse(reply, 503) : reply.code(202).send({ status });
    },
  });
}

/** The tenant whose secret it is, if the call comes from where that tenant's platform may call from. */
function createCallerLookup(
  tenants: Config['tenants'],
): (secret: string, source: string) => TenantId | undefined {
  const ownerOf = createSecretLookup(tenants);
  const filters = new Map(
    [...tenants].map(([tenant, { allowedSources }]) => [
      tenant,
      allowedSources.length === 0 ? () => true : createAddressFilter(allowedSources),
    ]),
  );
  return (secret, source) => {
    const tenant = ownerOf(secret);
    return tenant !== undefined && filters.get(tenant)?.(source) ? tenant : undefined;
  };
}
