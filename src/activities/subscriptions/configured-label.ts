import type { TenantId } from '../../domain/ids';
import type { CallbackSettings } from './callback-address';
import { configuredSecretLabel } from '../../domain/subscriptions';
import { secretIn, sha256Of } from './inventory';

/** Which secret of the configuration a callback's URL has, as the gateway calls it; `undefined` where it has none. */
export function configuredLabel(
  { tenants }: CallbackSettings,
  tenant: TenantId,
  url: string | undefined,
): string | undefined {
  if (url === undefined) return undefined;
  const secrets = tenants.get(tenant)?.callbackSecrets ?? [];
  const sha256 = sha256Of(secretIn(url));
  const index = secrets.findIndex((secret) => sha256Of(secret.reveal()) === sha256);
  return index < 0 ? undefined : configuredSecretLabel(index);
}
