import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
/** Every command, in the order of the help; one is loaded when it is asked for, since all of them take most of a second. */
/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports -- `import()` would look for ES modules */
export const COMMANDS: Readonly<Record<string, () => Command>> = {
  demo: () => (require('./demo/command') as typeof import('./demo/command')).demoCommand(),
  up: () => (require('./up') as typeof import('./up')).upCommand(),
  gateway: () => (require('./gateway') as typeof import('./gateway')).gatewayCommand(),
  worker: () => (require('./worker') as typeof import('./worker')).workerCommand(),
  setup: () => (require('./setup') as typeof import('./setup')).setupCommand(),
  claim: () => (require('./claim') as typeof import('./claim')).claimCommand(),
  status: () => (require('./status') as typeof import('./status')).statusCommand(),
  list: () => (require('./list') as typeof import('./list')).listCommand(),
  decide: () => (require('./decide') as typeof import('./decide')).decideCommand(),
  extend: () => (require('./extend') as typeof import('./extend')).extendCommand(),
  hold: () => (require('./hold') as typeof import('./hold')).holdCommand(),
  release: () => (require('./release') as typeof import('./release')).releaseCommand(),
  abandon: () => (require('./abandon') as typeof import('./abandon')).abandonCommand(),
  reconcile: () => (require('./reconcile') as typeof import('./reconcile')).reconcileCommand(),
  verify: () => (require('./verify') as typeof import('./verify')).verifyCommand(),
  webhook: () => (require('./webhook/command') as typeof import('./webhook/command')).webhookCommand(),
  simulator: () => (require('./simulator') as typeof import('./simulator')).simulatorCommand(),
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
