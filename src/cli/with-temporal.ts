import type { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createClient, grpcErrorIn, type TemporalSettings } from '../temporal/connect';
import { UsageError } from './options';
import { waitingFor } from './waiting';

/** Milliseconds in which Temporal must answer a command that does not wait for anything else. */
export const ANSWER_MS = 10_000;

/** Milliseconds for its first answer, if no other limit is given: so a mistyped address is reported soon. */
const REACH_MS = 3_000;

/** The gRPC statuses that say that nobody answered. */
const NO_ANSWER: readonly unknown[] = [4, 14];

/**
 * Runs a command's work with a client, and closes it. Puts failures of Temporal into plain words.
 * `limitMs` limits the time for all of Temporal's answers; if absent, there is no limit.
 */
export async function withTemporal<Result>(
  work: (client: Client) => Promise<Result>,
  { limitMs }: { readonly limitMs?: number } = {},
): Promise<Result> {
  const settings = readTemporalSettings();
  const client = createClient(settings);
  try {
    if (limitMs !== undefined) return await client.withDeadline(Date.now() + limitMs, () => work(client));
    await waitingFor(`Temporal at ${addressOf(settings)}`)(reach(client));
    return await work(client);
  } catch (error) {
    throw explained(error, settings);
  } finally {
    await client.connection.close();
  }
}

/** @throws if nobody answers; a refusal is an answer */
async function reach(client: Client): Promise<void> {
  try {
    await client.withDeadline(Date.now() + REACH_MS, () => client.workflowService.getSystemInfo({}));
  } catch (error) {
    if (NO_ANSWER.includes(grpcErrorIn(error)?.code)) throw error;
  }
}

/** @throws {@link UsageError} if the environment or `temporal.toml` cannot be parsed */
export function readTemporalSettings(): TemporalSettings {
  try {
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
    return { connectionOptions, namespace };
  } catch (error) {
    throw new UsageError(
      "Temporal's settings cannot be read: look at TEMPORAL_* in the environment and at temporal.toml.",
      { cause: error },
    );
  }
}

function addressOf({ connectionOptions }: TemporalSettings): string {
  return connectionOptions.address ?? 'localhost:7233';
}

function explained(error: unknown, settings: TemporalSettings): unknown {
  const cause = grpcErrorIn(error);
  if (cause === undefined) return error;
  const [address, { namespace }] = [addressOf(settings), settings];
  const message = NO_ANSWER.includes(cause.code)
    ? `Temporal does not answer at ${address}: is it running, and is TEMPORAL_ADDRESS right?`
    : `Temporal at ${address} refused (namespace ${namespace}): ${cause.details}`;
  return new Error(message, { cause: error });
}
