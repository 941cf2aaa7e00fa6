import type { Command } from 'commander';
import { generationLabel, type RegistrationResult } from '../../domain/subscriptions';
import { askSubscriptions } from '../../temporal/ask-subscriptions';
import { say, sayJson } from '../output';
import { withTemporal } from '../with-temporal';
import { readTenant, requirePublicUrl, tenantCommand, type WebhookOptions } from './options';

export function registerCommand(): Command {
  return tenantCommand(
    'register',
    'have the platform deliver notifications here, under a secret that is made now and never shown; once',
  ).action(register);
}

async function register(options: WebhookOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  requirePublicUrl(config);
  const registered = await withTemporal((client) =>
    askSubscriptions<RegistrationResult>(client, 'register', tenant),
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
