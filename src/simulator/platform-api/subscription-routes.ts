import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Subscriptions } from '../notifications/subscriptions';
import { TOPICS } from '../notifications/topics';
import { ENDPOINTS } from './endpoints';

const webhook = z.object({
  topic: z.enum(TOPICS),
  audience: z.string().default('*'),
  url: z.url({ protocol: /^https?$/ }),
});

interface SubscriptionRoute {
  Params: { subscriptionId: string };
}

/** Registering, listing and deleting webhooks, and reading what became of their deliveries. */
export function subscriptionRoutes(app: FastifyInstance, subscriptions: Subscriptions): void {
  for (const path of ENDPOINTS.register.paths) {
    app.post(path, ({ body }, reply) => reply.code(201).send(subscriptions.add(webhook.parse(body))));
  }
  for (const path of ENDPOINTS.subscriptions.paths) app.get(path, () => subscriptions.all());
  for (const path of ENDPOINTS.reports.paths) {
    app.get<SubscriptionRoute>(path, ({ params }) => subscriptions.reports(params.subscriptionId));
  }
  for (const path of ENDPOINTS.unsubscribe.paths) {
    app.delete<SubscriptionRoute>(path, ({ params }, reply) => {
      subscriptions.delete(params.subscriptionId);
      return reply.code(204).send();
    });
  }
}
