import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import type { TenantId } from '../../domain/ids';
import { isSubscriptionId } from '../../domain/subscriptions';
import { configuredCommand, type CommonOptions } from '../options';
import { chooseTenant } from '../tenant-option';
import { UsageError } from '../usage-error';

export interface WebhookOptions extends CommonOptions {
  readonly tenant?: string;
}

/** A command about one tenant's subscriptions. */
export function tenantCommand(usage: string, description: string): Command {
  return configuredCommand(usage, description).option(
    '--tenant <name>',
    'whose subscriptions; needed where several tenants are configured',
  );
}

export function readTenant({ config: file, tenant: named }: WebhookOptions): {
  readonly config: Config;
  readonly tenant: TenantId;
} {
  const config = loadConfig(file);
  return { config, tenant: chooseTenant(config, named) };
}

/** @throws {@link UsageError} where nobody said how the platform reaches the gateway */
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
