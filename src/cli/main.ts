import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/load-config';
import { InvalidIdError } from '../domain/ids';
import { UsageError } from './options';
import { tell, tellLoss } from './output';
import { guardStreams, outputRead } from './streams';

/** Done, failed, and wrong usage or configuration. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Errors in the command line or the configuration. An invalid id can only come from the command line. */
const WRONG_USAGE = [ConfigError, UsageError, InvalidIdError];

/** Milliseconds that the process has to end by itself after the end of a command. */
const LAST_WORK = 1_000;

/** Runs one command and ends the process with its exit code. */
export function main(argv: readonly string[]): void {
  guardStreams(tellLoss);
  run(argv)
    .catch(failed)
    .then(async (code) => {
      process.exitCode = code;
      await outputRead();
    })
    .catch((error: unknown) => (process.exitCode = failed(error)))
    // Connections that could not be closed, or output that nobody reads, must not keep the process alive.
    .finally(() => setTimeout(() => process.exit(), LAST_WORK).unref());
}

/** @returns the exit code */
function failed(error: unknown): number {
  tell(`archivist: ${error instanceof Error ? error.message : 'failed'}`);
  return WRONG_USAGE.some((kind) => error instanceof kind) ? EXIT.usage : EXIT.failed;
}

async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram(argv).parseAsync([...argv]);
    return EXIT.done;
  } catch (error) {
    // Commander has printed the error, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
}

/** Every command, in the order of the help. Each is loaded on demand, because loading all takes most of a second. */
/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports -- `import()` would look for ES modules */
export const COMMANDS: Readonly<Record<string, () => Command>> = {
  demo: () => (require('./demo/command') as typeof import('./demo/command')).demoCommand(),
  up: () => (require('./run/up') as typeof import('./run/up')).upCommand(),
  gateway: () => (require('./run/gateway') as typeof import('./run/gateway')).gatewayCommand(),
  worker: () => (require('./run/worker') as typeof import('./run/worker')).workerCommand(),
  setup: () => (require('./run/setup') as typeof import('./run/setup')).setupCommand(),
  claim: () => (require('./archives/claim') as typeof import('./archives/claim')).claimCommand(),
  status: () => (require('./archives/status') as typeof import('./archives/status')).statusCommand(),
  list: () => (require('./archives/list') as typeof import('./archives/list')).listCommand(),
  decide: () => (require('./archives/orders') as typeof import('./archives/orders')).decideCommand(),
  extend: () => (require('./archives/orders') as typeof import('./archives/orders')).extendCommand(),
  hold: () => (require('./archives/orders') as typeof import('./archives/orders')).holdCommand(),
  release: () => (require('./archives/orders') as typeof import('./archives/orders')).releaseCommand(),
  abandon: () => (require('./archives/abandon') as typeof import('./archives/abandon')).abandonCommand(),
  reconcile: () =>
    (require('./archives/reconcile') as typeof import('./archives/reconcile')).reconcileCommand(),
  verify: () => (require('./archives/verify') as typeof import('./archives/verify')).verifyCommand(),
  webhook: () => (require('./webhook/command') as typeof import('./webhook/command')).webhookCommand(),
  simulator: () => (require('./run/simulator') as typeof import('./run/simulator')).simulatorCommand(),
};
/* eslint-enable */

/** The command line: the command that `argv` names, or else all of them. */
export function createProgram(argv: readonly string[]): Command {
  const program = new Command('archivist')
    .description("Claims flexperto's conference archives for good.")
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('Call it with --help to see what it takes.');
  for (const command of commandsFor(argv[2]))
    program.addCommand(command.copyInheritedSettings(program).exitOverride());
  return program;
}

function commandsFor(name = ''): readonly Command[] {
  const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return named ? [named()] : Object.values(COMMANDS).map((load) => load());
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
