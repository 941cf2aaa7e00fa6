import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { abandonCommand } from './abandon';
import { claimCommand } from './claim';
import { decideCommand } from './decide';
import { demoCommand } from './demo/command';
import { extendCommand } from './extend';
import { gatewayCommand } from './gateway';
import { holdCommand } from './hold';
import { listCommand } from './list';
import { releaseCommand } from './release';
import { setupCommand } from './setup';
import { simulatorCommand } from './simulator';
import { statusCommand } from './status';
import { upCommand } from './up';
import { verifyCommand } from './verify';
import { webhookCommand } from './webhook/command';
import { workerCommand } from './worker';

/** The command line, whole. */
export function createProgram(): Command {
  const program = new Command('archivist')
    .description("Claims flexperto's conference archives for good.")
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('Call it with --help to see what it takes.');
  const commands = [
    demoCommand(),
    upCommand(),
    gatewayCommand(),
    workerCommand(),
    setupCommand(),
    claimCommand(),
    statusCommand(),
    listCommand(),
    decideCommand(),
    extendCommand(),
    holdCommand(),
    releaseCommand(),
    abandonCommand(),
    verifyCommand(),
    webhookCommand(),
    simulatorCommand(),
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program).exitOverride());
  return program;
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
