import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { SubscriptionDependencies } from '../../activities/subscriptions/inventory';
import { confirmCallback, registerCallback } from '../../activities/subscriptions/register';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, USUAL_PACE, type RegistrationResult } from '../../domain/subscriptions';
import { say, sayJson } from '../output';
import {
  readTenant,
  requirePublicUrl,
  tenantCommand,
  withSubscriptions,
  type WebhookOptions,
} from './options';

/** Milliseconds between two looks at the platform's list, in which the new subscription may show up late. */
const LOOK_AGAIN_MS = [1_000, 2_000, 4_000];

export function registerCommand(): Command {
  return tenantCommand(
    'register',
    'have the platform deliver notifications here, under a secret that is made now and never shown; once',
  ).action(register);
}

async function register(options: WebhookOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  requirePublicUrl(config);
  const registered = await withSubscriptions(config, (dependencies, signal) =>
    registerOnce(dependencies, tenant, signal),
  );
  const { subscriptionId, generation, listed, alreadyThere } = registered;
  const label = generationLabel(generation);
  if (options.json) sayJson({ tenant, ...registered, generation: label });
  else if (alreadyThere)
    say(
      `${tenant} is registered already: ${subscriptionId}, ${label}. For a new secret: archivist webhook rotate.`,
    );
  else {
    const proof = listed === 'yes' ? 'the platform lists it' : 'the platform lists no subscriptions';
    say(`${tenant} is registered: ${subscriptionId}, ${label}; ${proof}.`);
  }
}

async function registerOnce(
  dependencies: SubscriptionDependencies,
  tenant: TenantId,
  signal: AbortSignal,
): Promise<RegistrationResult> {
  const { spreadMs } = USUAL_PACE;
  const registered = await registerCallback(dependencies, tenant, { after: 0, spreadMs }, signal);
  const pauses = LOOK_AGAIN_MS.values();
  for (;;) {
    try {
      return { ...registered, listed: await confirmCallback(dependencies, tenant, registered, signal) };
    } catch (error) {
      const { value: pauseMs } = pauses.next();
      if (pauseMs === undefined || !isUnconfirmed(error)) throw error;
      await pause(pauseMs, undefined, { signal });
    }
  }
}

function isUnconfirmed(error: unknown): boolean {
  return error instanceof ArchivistError && error.type === 'SubscriptionUnconfirmed';
}
