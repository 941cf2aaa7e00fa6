import type { FailureKind } from './handling';

/** Failures of subscriptions, which no claim has; part of the one table in `failures.ts`. */
export const SUBSCRIPTION_FAILURES = {
  CallbackUrlRefused: {
    meaning:
      'The platform would not deliver to the callback URL: it is not https, does not resolve, or leads to a special-purpose address.',
    handling: 'end',
    remedy:
      "Correct `gateway.publicUrl` or its host's DNS, then register or rotate again. What is registered goes on.",
  },
  SubscriptionsUnsupported: {
    meaning: "The tenant's platform lacks an endpoint for subscriptions, or has it under another path.",
    handling: 'end',
    remedy:
      "Look the path up in the platform's specification (`/api/v2/spec`) and set the tenant's `endpoints`; the message names the key. Where there is none, do by hand what the message says.",
  },
  SubscriptionRefused: {
    meaning: 'The platform refused to register the callback.',
    handling: 'end',
    remedy:
      "Try the other spelling of the tenant's `topic`, and the other path of `endpoints.register`; see the platform's specification. What is registered goes on.",
  },
  SubscriptionUnconfirmed: {
    meaning: 'The platform does not list the new subscription. Nothing is deleted until it does.',
    handling: 'retry',
    remedy:
      'If it lasts, look at `archivist webhook list` and at the platform. The older subscription goes on.',
  },
  SubscriptionNeeded: {
    meaning:
      "The deletion would leave the tenant without any subscription of Archivist's, so that no notification came any more.",
    handling: 'end',
    remedy:
      'For a new secret: `archivist webhook rotate`. To go without notifications, so that only reconciliation finds archives: repeat the deletion with `--yes`.',
  },
  SubscriptionUnknown: {
    meaning: 'There is no such subscription, or it is not one that Archivist may delete.',
    handling: 'end',
    remedy:
      "Look at `archivist webhook list`. Strangers' subscriptions are deleted in the platform's administration only.",
  },
} as const satisfies Record<string, FailureKind>;
