import type { EndpointName } from '../../config/tenant-schema';
import { ArchivistError } from '../../domain/failures';

export type SubscriptionEndpoint = Extract<
  EndpointName,
  'register' | 'subscriptions' | 'subscription' | 'reports'
>;

/** What a person can do instead, where a platform lacks the endpoint. */
const BY_HAND: Readonly<Record<SubscriptionEndpoint, string>> = {
  register:
    "register `{gateway.publicUrl}/callbacks/flexperto/{secret}` in the platform's administration, with a secret of `openssl rand -hex 32`, and give the secret to the gateway in the tenant's callbackSecrets",
  subscriptions: "look at the subscriptions in the platform's administration",
  subscription: "delete the subscription in the platform's administration",
  reports: "ask the platform's support how deliveries end, and watch the gateway's own metrics",
};

/** That the platform lacks an endpoint, which key may be wrong, and what to do by hand. `what` says what was asked. */
export function unsupported(endpoint: SubscriptionEndpoint, what: string, status: number): ArchivistError {
  return new ArchivistError(
    'SubscriptionsUnsupported',
    `The platform has no endpoint for ${what} (${status}). Its path may be another one: set the tenant's endpoints.${endpoint}. If there is none, ${BY_HAND[endpoint]}.`,
  );
}
