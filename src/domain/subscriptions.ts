import type { TenantId } from './ids';

/** The name under which the workflow is registered; anyone may start it by hand. */
export const ROTATE_CALLBACK = 'rotateCallback';

/** The public label of a tenant's callback secret: `g3`. */
export function generationLabel(generation: number): string {
  return `g${generation}`;
}

/** The public label of a secret in the configuration, by its position there. */
export function configuredSecretLabel(index: number): string {
  return `configured-${index + 1}`;
}

const SUBSCRIPTION_ID = /^[A-Za-z0-9_~:-][A-Za-z0-9_.~:-]{0,199}$/;

/** The platform's id of a subscription: it becomes part of a URL. Its form is not documented. */
export function isSubscriptionId(value: unknown): value is string {
  return typeof value === 'string' && SUBSCRIPTION_ID.test(value);
}

/** The id of a rotation that was started by hand: one per tenant. The schedule appends its time to the id. */
export function rotationWorkflowId(tenant: TenantId): string {
  return `rotate:${tenant}`;
}

/** The waits of a rotation in milliseconds. */
export interface RotationWaits {
  /** Until every gateway knows a new secret: they read the ledger every 5 seconds. */
  readonly spreadMs: number;
  /** How long the old subscription is kept beside the new one. */
  readonly overlapMs: number;
  /** Until deliveries in flight at a subscription's deletion must have arrived: the platform tries four times, within seconds. */
  readonly drainMs: number;
}

export const USUAL_WAITS: RotationWaits = { spreadMs: 10_000, overlapMs: 3_600_000, drainMs: 60_000 };

/** The input of `rotateCallback`, as it may be typed by hand. */
export interface SubscriptionsInput {
  readonly tenant: string;
  /** Override the usual waits. */
  readonly waits?: Partial<RotationWaits>;
}

/** The subscription of one of our secrets. */
export interface OurSubscription {
  readonly subscriptionId: string;
  readonly generation: number;
}

/** The result of a registration. */
export interface RegistrationResult extends OurSubscription {
  /** The platform lists it; `unknown` if it lists no subscriptions. */
  readonly listed: 'yes' | 'unknown';
  /** It was there before, and nothing was done. */
  readonly alreadyThere: boolean;
}

/** A subscription that was deleted on the platform. */
export interface DeletedSubscription {
  readonly subscriptionId: string;
  /** Its secret: `g3`, which is retired by itself, or `configured-1`, which stays in the configuration. */
  readonly generation: string | undefined;
  readonly isConfigured: boolean;
}

/** The result of `rotateCallback`: the new subscription, and the generations that were retired. */
export interface RotationResult extends OurSubscription {
  readonly retired: readonly number[];
}

/** Where a subscription comes from. */
type Origin =
  /** A secret that Archivist made. */
  | 'archivist'
  /** A secret of `callbackSecrets`: somebody registered it by hand. */
  | 'configuration'
  /** Another program's subscription, or one whose secret is not known here. */
  | 'stranger';

/** A subscription for display. Times are ISO 8601. */
export interface SubscriptionView {
  readonly subscriptionId: string;
  readonly origin: Origin;
  /** `g3`, or `configured-1`. */
  readonly generation?: string | undefined;
  /** Without the secret; of a stranger's URL only the origin. */
  readonly url?: string | undefined;
  readonly topic?: string | undefined;
  readonly since?: string | undefined;
  /** `superseded`: it is about to be deleted. `missing`: the ledger has it, the platform does not list it. */
  readonly state: 'registered' | 'superseded' | 'missing' | 'unknown';
}

export interface SubscriptionsView {
  /** Whether the platform listed these; otherwise they come from the ledger. */
  readonly isListed: boolean;
  readonly subscriptions: readonly SubscriptionView[];
}

/** One attempt of the platform to deliver a notification, as far as its report could be parsed. */
export interface DeliveryReport {
  readonly archiveId?: string | undefined;
  readonly attempt?: number | undefined;
  /** ISO 8601. */
  readonly at?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly statusCode?: number | undefined;
  /** A word, such as `Timeout`. */
  readonly error?: string | undefined;
  readonly failed: boolean;
}

/** The latest attempts of one subscription; the platform keeps 50. */
export interface DeliveryReports extends Pick<SubscriptionView, 'generation'> {
  readonly subscriptionId: string;
  readonly reports: readonly DeliveryReport[];
}

/** A summary of the latest delivery attempts. */
export interface DeliveriesSeen {
  /** Our subscriptions on the platform. */
  readonly subscriptions: number;
  readonly attempts: number;
  readonly failed: number;
  /** Archives whose last possible delivery attempt failed, and for which none succeeded. */
  readonly lost: number;
  /** The platform has no reports: nothing is known about the deliveries. */
  readonly unreported?: true;
}
