import type { TenantId } from '../../domain/ids';

/**
 * The callback secrets that Archivist made, as hashes, and the subscription of each on the platform.
 *
 * A generation is pending, from before the platform is told of it; registered, once the platform's answer is known; superseded,
 * when a newer one takes its place; unsubscribed, when the platform has deleted it; and retired, when what was in flight
 * must have arrived. Only then its secret no longer counts. A pending one may be retired, too: nobody knows its secret.
 */
export interface Subscriptions {
  /** Makes a pending generation of a secret. From then on the secret counts. @returns its number */
  addGeneration(tenant: TenantId, sha256: string): Promise<number>;

  /** All generations that there ever were, the oldest first. */
  listGenerations(tenant: TenantId): Promise<Generation[]>;

  /** The hashes of all tenants' secrets that count. */
  listCallbackSecrets(): Promise<CallbackSecret[]>;

  /** `registered`. Only from pending. @returns whether it is this generation's subscription now */
  noteSubscription(tenant: TenantId, generation: number, subscriptionId: string): Promise<boolean>;

  /** `superseded`: every older one that is registered; nothing unless `keep` is registered itself, and neither superseded nor unsubscribed. */
  supersede(tenant: TenantId, keep: number): Promise<void>;

  /** `unsubscribed`: the platform deleted it. Only once registered. */
  noteUnsubscribed(tenant: TenantId, generation: number): Promise<void>;

  /** `retired`: those of these generations that are unsubscribed. */
  retire(tenant: TenantId, generations: readonly number[]): Promise<void>;

  /** `retired`: those that have been unsubscribed for `ms`: what was in flight has arrived. @returns their numbers */
  retireUnsubscribed(tenant: TenantId, ms: number): Promise<number[]>;

  /** `retired`: those that have been pending for `ms`, while a newer one is registered. */
  retireForgotten(tenant: TenantId, ms: number): Promise<void>;
}

export interface Generation {
  readonly tenant: TenantId;
  readonly generation: number;
  /** SHA-256 of the secret, lower-case hex. */
  readonly sha256: string;
  readonly subscriptionId?: string;
  readonly createdAt: Date;
  readonly registeredAt?: Date;
  readonly supersededAt?: Date;
  readonly unsubscribedAt?: Date;
  readonly retiredAt?: Date;
}

export type CallbackSecret = Pick<Generation, 'tenant' | 'generation' | 'sha256'>;
