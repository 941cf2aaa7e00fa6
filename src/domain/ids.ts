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

/** Thrown when an identifier from outside does not have the form that makes it safe to use. */
export class InvalidIdError extends Error {
  override readonly name = 'InvalidIdError';
}

/** The type guard (`is`) and the parser of an identifier (`parse`, which throws an {@link InvalidIdError}). */
function form<Id extends string>(what: string, pattern: RegExp) {
  const is = (value: unknown): value is Id => typeof value === 'string' && pattern.test(value);
  const parse = (value: unknown): Id => {
    if (is(value)) return value;
    throw new InvalidIdError(`${what} must match ${pattern.source}.`);
  };
  return { is, parse };
}

const TENANT = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const { is: isTenantId, parse: parseTenantId } = form<TenantId>('A tenant', TENANT);
export const { is: isArchiveId, parse: parseArchiveId } = form<ArchiveId>('An archive id', IDENTIFIER);
export const { is: isConferenceId, parse: parseConferenceId } = form<ConferenceId>(
  'A conference id',
  IDENTIFIER,
);

/** The name of an archive in messages. */
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

/** The id of a tenant's schedule, and of the workflows that it starts. */
export function sweepId(tenant: TenantId): string {
  return `sweep:${tenant}`;
}

/** The id of a tenant's schedule, and of the workflows that it starts. */
export function reconcileId(tenant: TenantId): string {
  return `reconcile:${tenant}`;
}
