import type { Client } from '@temporalio/client';
import {
  SEARCH_ATTRIBUTE_NAMES,
  SEARCH_ATTRIBUTES,
  type SearchAttributeName,
} from '../domain/search-attributes';
import { grpcErrorIn } from './connect';

/** The numbers of `temporal.api.enums.v1.IndexedValueType`. */
const INDEXED_VALUE_TYPES = { KEYWORD: 2, DATETIME: 6 } as const;

/** Names of search attributes that Temporal lacks; `unknown` if this client may not list them. */
export type Lacking = readonly SearchAttributeName[] | 'unknown';

/**
 * Registers the claims' search attributes in the client's namespace, if it may.
 * @returns the names that were registered, and those that are still missing
 */
export async function registerSearchAttributes(
  client: Client,
): Promise<{ readonly registered: readonly SearchAttributeName[]; readonly lacking: Lacking }> {
  const missing = await missingSearchAttributes(client);
  if (missing === 'unknown' || missing.length === 0) return { registered: [], lacking: missing };
  try {
    await addSearchAttributes(client, missing);
    return { registered: missing, lacking: [] };
  } catch (error) {
    if (!isDenied(error)) throw error;
    return { registered: [], lacking: missing };
  }
}

/** What an administrator has to do about search attributes that this client may not add or list. */
export function forAdministrator({ options: { namespace } }: Client, lacking: Lacking): string {
  const names = lacking === 'unknown' ? SEARCH_ATTRIBUTE_NAMES : lacking;
  const list = names.map((name) => `${name} (${SEARCH_ATTRIBUTES[name].toLowerCase()})`).join(', ');
  return lacking === 'unknown'
    ? `Temporal does not show this client the search attributes of namespace ${namespace}. A claim needs these, which an administrator can add: ${list}.`
    : `Temporal's namespace ${namespace} lacks search attributes that this client may not add. An administrator has to: ${list}.`;
}

/** Registers the named ones, which must be missing. */
export async function addSearchAttributes(client: Client, names: readonly SearchAttributeName[]) {
  const searchAttributes = Object.fromEntries(
    names.map((name) => [name, INDEXED_VALUE_TYPES[SEARCH_ATTRIBUTES[name]]]),
  );
  const { namespace } = client.options;
  await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

/**
 * @returns whether this client may list the search attributes
 * @throws Error that says what to do if some are missing: without them a claim cannot take its first step
 */
export async function requireSearchAttributes(client: Client): Promise<boolean> {
  const missing = await missingSearchAttributes(client);
  if (missing === 'unknown') return false;
  if (missing.length === 0) return true;
  throw new Error(
    `Temporal's namespace ${client.options.namespace} lacks search attributes (${missing.join(', ')}): run \`archivist setup\`.`,
  );
}

async function missingSearchAttributes(client: Client): Promise<Lacking> {
  const { namespace } = client.options;
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    return SEARCH_ATTRIBUTE_NAMES.filter((name) => !(name in customAttributes));
  } catch (error) {
    if (isDenied(error)) return 'unknown';
    throw error;
  }
}

/** gRPC codes: PERMISSION_DENIED, and UNIMPLEMENTED of a service without the operator API. */
const DENIED: readonly unknown[] = [7, 12];

function isDenied(error: unknown): boolean {
  return DENIED.includes(grpcErrorIn(error)?.code);
}
