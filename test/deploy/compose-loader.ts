import { spawnSync } from 'node:child_process';
import { ROOT } from './compose-project';

/** Compose's own loader: it knows the schema, the merging of files and what may not go together. */
const COMPOSE_GO = 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2';

/** A command line that ends with 0 for the files of a valid project. */
export interface ComposeLoader {
  readonly name: string;
  validate(files: readonly string[]): { readonly status: number | null; readonly output: string };
}

/** Docker's plugin where it is installed, which needs no engine for this; else the library it is made of, through Go. */
export function findComposeLoader(): ComposeLoader | undefined {
  if (succeeds('docker', ['compose', 'version'])) {
    return {
      name: 'docker compose',
      validate: (files) =>
        run('docker', ['compose', ...files.flatMap((file) => ['--file', file]), 'config', '--quiet']),
    };
  }
  if (succeeds('go', ['run', COMPOSE_GO, '--help'])) {
    return { name: 'compose-go', validate: (files) => run('go', ['run', COMPOSE_GO, ...files]) };
  }
  return undefined;
}

function succeeds(file: string, args: readonly string[]): boolean {
  return run(file, args).status === 0;
}

function run(file: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, COMPOSE_PROFILES: 'simulator', GOFLAGS: '-mod=mod' },
  });
  return { status, output: `${stdout}${stderr}` };
}
