import type { Command } from 'commander';
import { startSimulator } from '../../simulator';
import { command, durationArgument, portArgument, type CommonOptions } from '../options';
import { print } from '../output';
import { shutdownRequested } from '../../processes/child';

interface SimulatorOptions extends CommonOptions {
  readonly host: string;
  readonly port: number;
  readonly apiKey: string;
  readonly tenant: string;
  readonly expireAfter?: number;
}

export function simulatorCommand(): Command {
  return command('simulator', 'run a flexperto platform to try things against')
    .option(
      '--host <host>',
      'address to listen on; its control API is open to whoever reaches it',
      '127.0.0.1',
    )
    .option('--port <port>', 'port to listen on; 0 for a free one', portArgument, 4010)
    .option('--api-key <key>', 'what clients must send as `api-key`', 'simulator')
    .option('--tenant <name>', 'the tenant named in notifications', 'mycompany')
    .option(
      '--expire-after <duration>',
      'how long an abandoned archive is kept (default: 3 days)',
      durationArgument,
    )
    .action(simulator);
}

async function simulator({ json, expireAfter, ...options }: SimulatorOptions): Promise<void> {
  const running = await startSimulator({
    ...options,
    ...(expireAfter !== undefined && { expirationMs: expireAfter }),
  });
  print(
    { json },
    { event: 'ready', url: running.url },
    `The simulator listens on ${running.url}; its control API is at ${running.url}/_control.`,
  );
  await shutdownRequested();
  await running.close();
}
