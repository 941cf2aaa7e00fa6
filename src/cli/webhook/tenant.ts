import type { Command } from 'commander';
import type { SubscriptionDependencies } from '../../activities/subscriptions/inventory';
import type { Config } from '../../config/load-config';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { isSubscriptionId } from '../../domain/subscriptions';
import { askLedger, withPlatforms } from '../open';
import { configuredCommand, UsageError } from '../options';
import { waitingFor } from '../waiting';

/** Milliseconds that the platform has for all requests of a command. */
const PATIENCE_MS = 90_000;

/** A command about one tenant's subscriptions. */
export function tenantCommand(usage: string, description: string): Command {
  return configuredCommand(
    usage,
    description,
    'whose subscriptions; needed if several tenants are configured',
  );
}

/** @throws {@link UsageError} if `gateway.publicUrl` is not set */
export function requirePublicUrl({ gateway: { publicUrl } }: Config): void {
  if (publicUrl === undefined)
    throw new UsageError(
      'The configuration lacks `gateway.publicUrl`: set it to how the platform reaches the gateway, such as https://hooks.example.com.',
    );
}

export function subscriptionArgument(text: string): string {
  if (isSubscriptionId(text)) return text;
  throw new UsageError(
    'A subscription id is 1 to 200 letters, digits or _ . ~ : -; see `archivist webhook list`.',
  );
}

/**
 * Opens the ledger and the platform for a command's work.
 * @throws Error with the failure's type and message
 */
export async function withSubscriptions<Result>(
  config: Config,
  tenant: TenantId,
  work: (dependencies: SubscriptionDependencies, tenant: TenantId, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const callbacks = { publicUrl: config.gateway.publicUrl, tenants: config.tenants };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const soon = waitingFor(`the platform of ${tenant}`);
  try {
    return await withPlatforms(config, (platformOf) =>
      askLedger(config, (ledger) => soon(work({ ledger, platformOf, callbacks }, tenant, signal))),
    );
  } catch (error) {
    if (error instanceof ArchivistError) throw new Error(`${error.type}: ${error.message}`, { cause: error });
    if (error !== signal.reason) throw error;
    throw new Error('The platform took too long. Repeat the command: what was done is found.', {
      cause: error,
    });
  }
}
