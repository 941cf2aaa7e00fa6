import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const PROGRAM = process.env['ARCHIVIST_TEST_SCHEMATHESIS'] ?? 'schemathesis';

/** Whether schemathesis (PyPI), which makes requests up from an OpenAPI document, is here. */
export const HAS_SCHEMATHESIS = spawnSync(PROGRAM, ['--version']).status === 0;

export interface Run {
  readonly document: string;
  readonly url: string;
  /** A `schemathesis.toml`. */
  readonly configuration: string;
  readonly cwd: string;
}

/** Runs it with all checks. @throws with what it says, where it finds anything */
export async function runSchemathesis({ document, url, configuration, cwd }: Run): Promise<string> {
  const options = ['--checks', 'all', '--generation-deterministic', '--continue-on-failure', '--no-color'];
  const program = spawn(
    PROGRAM,
    ['--config-file', configuration, 'run', document, '--url', url, ...options],
    { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [program.stdout, program.stderr])
    stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(program, 'close')) as [number | null];
  if (code !== 0) throw new Error(`schemathesis ended with ${code}:\n${output}`);
  return output;
}
