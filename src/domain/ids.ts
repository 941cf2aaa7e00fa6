declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The name that the configuration gives one flexperto tenant. */
export type TenantId = Branded<'TenantId'>;
/** The platform's id of one archive. It becomes a path, a URL segment and part of a workflow id. */
export type ArchiveId = Branded<'ArchiveId'>;
/** The platform's id of one conference. It is taken from a fetched record only, never from a notification. */
export type ConferenceId = Branded<'ConferenceId'>;

/** Names one archive across tenants: the primary key of the ledger and the address of a bag in the store. */
export interface ArchiveKey {
  readonly tenant: TenantId;
  readonly archiveId: ArchiveId;
}

const TENANT = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Thrown when an identifier from outside does not have the form that makes it safe to use. */
export class InvalidIdError extends Error {
  override readonly name = 'InvalidIdError';
}

/** @throws {@link InvalidIdError} unless `value` is 1 to 63 letters, digits, `_` or `-`, the first a letter or digit. */
export function parseTenantId(value: unknown): TenantId {
  if (isTenantId(value)) return value;
  throw new InvalidIdError(`A tenant must match ${TENANT.source}.`);
}

/** @throws {@link InvalidIdError} unless `value` is 1 to 128 letters, digits, `.`, `_` or `-`, the first a letter or digit. */
export function parseArchiveId(value: unknown): ArchiveId {
  if (isArchiveId(value)) return value;
  throw new InvalidIdError(`An archive id must match ${IDENTIFIER.source}.`);
}

/** @throws {@link InvalidIdError} unless `value` has the form of {@link parseArchiveId}. */
export function parseConferenceId(value: unknown): ConferenceId {
  if (isConferenceId(value)) return value;
  throw new InvalidIdError(`A conference id must match ${IDENTIFIER.source}.`);
}

export function isTenantId(value: unknown): value is TenantId {
  return typeof value === 'string' && TENANT.test(value);
}

export function isArchiveId(value: unknown): value is ArchiveId {
  return typeof value === 'string' && IDENTIFIER.test(value);
}

export function isConferenceId(value: unknown): value is ConferenceId {
  return typeof value === 'string' && IDENTIFIER.test(value);
}

/** How messages name an archive. */
export function nameOf({ tenant, archiveId }: ArchiveKey): string {
  return `archive ${archiveId} of ${tenant}`;
}

/** One claim per archive: the workflow id is the lock. */
export function claimWorkflowId({ tenant, archiveId }: ArchiveKey): string {
  return `claim:${tenant}:${archiveId}`;
}

/** One repair per archive at a time. */
export function repairWorkflowId({ tenant, archiveId }: ArchiveKey): string {
  return `repair:${tenant}:${archiveId}`;
}

/** Of a tenant's schedule, and of the workflows that it starts. */
export function sweepId(tenant: TenantId): string {
  return `sweep:${tenant}`;
}

/** Of a tenant's schedule, and of the workflows that it starts. */
export function reconcileId(tenant: TenantId): string {
  return `reconcile:${tenant}`;
}
