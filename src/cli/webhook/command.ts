import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import type { SubscriptionDependencies } from '../../activities/subscriptions/inventory';
import { confirmCallback, registerCallback } from '../../activities/subscriptions/register';
import { deleteSubscriptions } from '../../activities/subscriptions/remove';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, USUAL_WAITS, type RegistrationResult } from '../../domain/subscriptions';
import { lookAtRotation, resultOf, startRotation, type Rotation } from '../../temporal/run-now';
import { durationArgument, readTenant, UsageError, type TenantOptions } from '../options';
import { print, say } from '../output';
import { waitingFor } from '../waiting';
import { ANSWER_MS, withTemporal } from '../with-temporal';
import { listCommand, reportsCommand } from './look';
import { requirePublicUrl, subscriptionArgument, tenantCommand, withSubscriptions } from './tenant';

/** The commands for the platform's subscriptions. This process does all of them itself, except a rotation, which takes long. */
export function webhookCommand(): Command {
  const webhook = new Command('webhook').description(
    "register, list, rotate and delete the platform's subscriptions, and read how deliveries ended",
  );
  const commands = [registerCommand(), listCommand(), reportsCommand(), rotateCommand(), deleteCommand()];
  for (const command of commands) webhook.addCommand(command.exitOverride());
  return webhook;
}

/** Pauses in milliseconds between reads of the platform's list, in which the new subscription may show up late. */
const LOOK_AGAIN_MS = [1_000, 2_000, 4_000];

function registerCommand(): Command {
  return tenantCommand(
    'register',
    'have the platform deliver notifications here, under a secret that is made now and never shown; once',
  ).action(register);
}

async function register(options: TenantOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  requirePublicUrl(config);
  const registered = await withSubscriptions(config, tenant, registerOnce);
  const { subscriptionId, generation, listed, alreadyThere } = registered;
  const label = generationLabel(generation);
  const proof = listed === 'yes' ? 'the platform lists it' : 'the platform lists no subscriptions';
  const words = alreadyThere
    ? `${tenant} is registered already: ${subscriptionId}, ${label}. For a new secret: archivist webhook rotate.`
    : `${tenant} is registered: ${subscriptionId}, ${label}; ${proof}.`;
  print(options, { tenant, ...registered, generation: label }, words);
}

async function registerOnce(
  dependencies: SubscriptionDependencies,
  tenant: TenantId,
  signal: AbortSignal,
): Promise<RegistrationResult> {
  const { spreadMs } = USUAL_WAITS;
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

interface RotateOptions extends TenantOptions {
  readonly overlap?: number;
  readonly wait?: boolean;
}

function rotateCommand(): Command {
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
  await withTemporal(async (client) => {
    const start = () => startRotation(client, tenant, overlap);
    const { rotation, isNew } = await client.withDeadline(Date.now() + ANSWER_MS, start);
    const { workflowId } = rotation;
    const seen = await client.withDeadline(Date.now() + ANSWER_MS, () => firstTrouble(rotation));
    const words = isNew
      ? 'The rotation has started'
      : 'A rotation was under way, with the overlap it was started with';
    const where = `${words}, ${troubleIn(seen)}: ${workflowId} in the Temporal UI, or archivist webhook list.`;
    print(options, { tenant, status: isNew ? 'started' : 'running', workflowId, ...seen }, where);
    if (options.wait) await follow(rotation, tenant, options);
  });
}

/** Milliseconds in which a worker takes up a rotation, and its first steps fail if they cannot be done. */
const SOON_MS = 2_000;

type Seen = Awaited<ReturnType<typeof lookAtRotation>>;

/** Looks at a rotation for a moment, or until one of its steps fails. @throws Error if it has failed for good */
async function firstTrouble(rotation: Rotation): Promise<Seen> {
  const until = Date.now() + SOON_MS;
  for (;;) {
    const seen = await lookAtRotation(rotation);
    if (seen.lastFailure !== undefined || Date.now() > until) return seen;
    await pause(150);
  }
}

function troubleIn({ isTakenUp, lastFailure }: Seen): string {
  if (lastFailure !== undefined) return `and tries again what failed (${lastFailure})`;
  return isTakenUp ? 'and goes on' : 'and no worker has taken it up: does one run (`archivist worker`)';
}

async function follow(rotation: Rotation, tenant: TenantId, options: RotateOptions): Promise<void> {
  const soon = waitingFor(`the end of the rotation, ${rotation.workflowId} in the Temporal UI`);
  const { subscriptionId, generation, retired } = await soon(resultOf(rotation));
  const [fresh, older] = [generationLabel(generation), retired.map(generationLabel)];
  print(
    options,
    { tenant, status: 'rotated', subscriptionId, generation: fresh, retired: older },
    `${tenant} is at ${fresh} (${subscriptionId}); retired: ${older.join(', ') || 'none'}.`,
  );
}

interface DeleteOptions extends TenantOptions {
  readonly allOurs?: boolean;
  readonly yes?: boolean;
}

function deleteCommand(): Command {
  return tenantCommand(
    'delete',
    'delete subscriptions of ours on the platform; a secret that was made here is retired when nothing is in flight any more',
  )
    .argument('[id...]', 'subscriptions; see archivist webhook list')
    .option('--all-ours', 'every one that Archivist registered')
    .option('--yes', 'even if none is left, so that no notification comes any more')
    .action(deleteThem);
}

async function deleteThem(ids: readonly string[], options: DeleteOptions): Promise<void> {
  const { config, tenant } = readTenant(options);
  const allOurs = options.allOurs ?? false;
  if (allOurs === ids.length > 0)
    throw new UsageError('Name the subscriptions, or all of ours with --all-ours.');
  const subscriptionIds = allOurs ? undefined : ids.map(subscriptionArgument);
  const request = { subscriptionIds, acceptsNone: options.yes ?? false };
  const deleted = await withSubscriptions(config, tenant, (dependencies, _, signal) =>
    deleteSubscriptions(dependencies, tenant, request, signal),
  );
  if (deleted.length === 0 && !options.json) say('There was none of ours.');
  for (const { subscriptionId, generation = '', isConfigured } of deleted) {
    const rest = isConfigured
      ? `its secret ${generation} counts until it is removed from \`callbackSecrets\``
      : `reconciliation retires its secret ${generation} when nothing is in flight any more`;
    print(
      options,
      { tenant, subscriptionId, generation, status: 'deleted' },
      `${subscriptionId}  deleted; ${rest}`,
    );
  }
}
