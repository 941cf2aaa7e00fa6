import type { Client } from '@temporalio/client';
import {
  SEARCH_ATTRIBUTE_NAMES,
  SEARCH_ATTRIBUTES,
  type SearchAttributeName,
} from '../domain/search-attributes';

/** The numbers of `temporal.api.enums.v1.IndexedValueType`. */
const INDEXED_VALUE_TYPES = { KEYWORD: 2, DATETIME: 6 } as const;

/**
 * Registers the claims' search attributes in the client's namespace.
 * @returns the names of those that were missing
 */
export async function registerSearchAttributes(client: Client): Promise<SearchAttributeName[]> {
  const missing = await missingSearchAttributes(client);
  if (missing.length > 0) await addSearchAttributes(client, missing);
  return missing;
}

/** Registers the named ones, which must be missing. */
export async function addSearchAttributes(client: Client, names: readonly SearchAttributeName[]) {
  const searchAttributes = Object.fromEntries(
    names.map((name) => [name, INDEXED_VALUE_TYPES[SEARCH_ATTRIBUTES[name]]]),
  );
  const { namespace } = client.options;
  await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

/** @throws Error that says what to do where some are missing: without them a claim cannot take its first step */
export async function requireSearchAttributes(client: Client): Promise<void> {
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return;
  throw new Error(
    `Temporal's namespace ${client.options.namespace} lacks search attributes (${missing.join(', ')}): run \`archivist setup\`.`,
  );
}

async function missingSearchAttributes(client: Client): Promise<SearchAttributeName[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTE_NAMES.filter((name) => !(name in customAttributes));
}
