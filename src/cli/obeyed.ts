import type { Client } from '@temporalio/client';
import type { ClaimProgress } from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import { giveOrder, OrderRefusedError, type OrderInputs } from '../temporal/give-order';
import { say, sayJson } from './output';

/** Gives an order to a claim. @throws Error with the archive's name where the claim refuses it; see `giveOrder` */
export async function tryOrder<Name extends keyof OrderInputs>(
  client: Client,
  key: ArchiveKey,
  name: Name,
  input: OrderInputs[Name],
): Promise<ClaimProgress | undefined> {
  try {
    return await giveOrder(client, key, name, input);
  } catch (error) {
    if (!(error instanceof OrderRefusedError)) throw error;
    throw new Error(`Archive ${key.archiveId}: ${error.message}`, { cause: error });
  }
}

/** Gives an order that only a running claim can obey. */
export async function order<Name extends keyof OrderInputs>(
  client: Client,
  key: ArchiveKey,
  name: Name,
  input: OrderInputs[Name],
): Promise<ClaimProgress> {
  const progress = await tryOrder(client, key, name, input);
  if (progress) return progress;
  const { archiveId } = key;
  throw new Error(`No claim of archive ${archiveId} runs; start one with \`archivist claim ${archiveId}\`.`);
}

/** Prints that an order was obeyed. */
export function sayObeyed(
  json: boolean | undefined,
  key: ArchiveKey,
  answer: Readonly<Record<string, unknown>>,
  words: string,
): void {
  if (json) sayJson({ ...key, ...answer });
  else say(`${key.archiveId}  ${words}`);
}
