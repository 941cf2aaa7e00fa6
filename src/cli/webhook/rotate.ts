import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { TenantId } from '../../domain/ids';
import { generationLabel } from '../../domain/subscriptions';
import { explainedFailure, startRotation, type Rotation } from '../../temporal/run-now';
import { durationArgument } from '../options';
import { say, sayJson } from '../output';
import { promptly, withTemporal } from '../with-temporal';
import { readTenant, requirePublicUrl, tenantCommand, type WebhookOptions } from './options';

interface RotateOptions extends WebhookOptions {
  readonly overlap?: number;
  readonly wait?: boolean;
}

export function rotateCommand(): Command {
  return tenantCommand(
    'rotate',
    'give the callback a new secret: a new subscription, and in the end no older one',
  )
    .option(
      '--overlap <duration>',
      'how long both deliver (else callbackRotation.overlap, else 1 hour)',
      durationArgument,
    )
    .option('--wait', 'wait until the older secret is retired; fail if it is not')
    .action(rotate);
}

async function rotate(options: RotateOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  requirePublicUrl(config);
  const overlap = options.overlap ?? config.callbackRotation?.overlap;
  await withTemporal(async (client: Client) => {
    const rotation = await promptly(client, () => startRotation(client, tenant, overlap));
    const { workflowId } = rotation;
    if (options.json) sayJson({ tenant, status: 'started', workflowId });
    else say(`The rotation runs: ${workflowId} in the Temporal UI, or archivist webhook list.`);
    if (options.wait) await follow(rotation, tenant, options);
  });
}

async function follow(rotation: Rotation, tenant: TenantId, { json }: RotateOptions): Promise<void> {
  const { subscriptionId, generation, retired } = await rotation.result().catch((error: unknown) => {
    throw explainedFailure(error);
  });
  const [fresh, older] = [generationLabel(generation), retired.map(generationLabel)];
  if (json) sayJson({ tenant, status: 'rotated', subscriptionId, generation: fresh, retired: older });
  else say(`${tenant} is at ${fresh} (${subscriptionId}); retired: ${older.join(', ') || 'none'}.`);
}
