import type { DeliveryReport } from '../../domain/subscriptions';

/**
 * The tenant's subscriptions on the platform. Every administrator sees and can delete all of them, so that there may be strangers.
 *
 * Every method throws `ArchivistError`: `PlatformUnavailable`, `CredentialsRejected`, or `SubscriptionsUnsupported` with what a
 * person can do where the platform lacks the endpoint.
 */
export interface PlatformSubscriptions {
  /**
   * Registers a callback for the tenant's topic.
   * @returns the subscription's id; `undefined` where the answer does not tell it
   * @throws `SubscriptionRefused` where the platform does not want it
   */
  register(url: string, signal: AbortSignal): Promise<string | undefined>;

  listSubscriptions(signal: AbortSignal): Promise<PlatformSubscription[]>;

  /** The latest attempts to deliver to it. @throws `SubscriptionUnknown` */
  reports(subscriptionId: string, signal: AbortSignal): Promise<DeliveryReport[]>;

  /** Ends a subscription. One that is gone already is no error: the list tells. */
  deleteSubscription(subscriptionId: string, signal: AbortSignal): Promise<void>;
}

/** What the platform's list says of one subscription. */
export interface PlatformSubscription {
  readonly subscriptionId: string;
  /** With its secret: never to be shown or logged. */
  readonly url?: string;
  readonly topic?: string;
}
