import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './programs';

/** What others would do: shell lines that download `$1` into the file `copy` and compute its SHA-256. */
export interface Peer {
  readonly name: string;
  readonly programs: readonly string[];
  readonly line: string;
  /** Compares with `$2` by itself, and shows no checksum. */
  readonly compares?: true;
}

export const PEERS: readonly Peer[] = [
  {
    name: 'curl+sync+sha256sum',
    programs: ['curl', 'sync', 'sha256sum'],
    line: 'curl -sSf -o copy "$1" && sync copy && sha256sum copy',
  },
  {
    name: 'curl+sync+openssl',
    programs: ['curl', 'sync', 'openssl'],
    line: 'curl -sSf -o copy "$1" && sync copy && openssl dgst -sha256 copy',
  },
  {
    name: 'rclone',
    programs: ['rclone'],
    line: 'rclone copyurl "$1" copy && rclone hashsum sha256 copy',
  },
  {
    name: 'aria2',
    programs: ['aria2c'],
    line: 'aria2c --quiet --split=1 --file-allocation=none --checksum=sha-256="$2" --out=copy "$1"',
    compares: true,
  },
];

const PACKAGES: Readonly<Record<string, string>> = {
  aria2c: 'aria2',
  sha256sum: 'coreutils',
  sync: 'coreutils',
};

/** What a peer lacks and how to install it; `undefined` where it lacks nothing. */
export async function lackOf({ programs }: Peer): Promise<string | undefined> {
  for (const program of programs) {
    if ((await findProgram(program)) === undefined)
      return `${program} is not installed (apt-get install ${PACKAGES[program] ?? program})`;
  }
  return undefined;
}

/** Runs a peer once, from the start of its shell to its end. @returns seconds @throws where its copy is not right */
export async function runPeer(peer: Peer, folder: string, url: string, sha256: string): Promise<number> {
  const copy = join(folder, 'copy');
  await rm(copy, { force: true });
  const begun = performance.now();
  const shell = spawn('sh', ['-c', peer.line, 'sh', url, sha256], {
    cwd: folder,
    env: { ...process.env, no_proxy: '127.0.0.1', NO_PROXY: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  shell.stdout.on('data', (text) => said.push(String(text)));
  shell.stderr.on('data', (text) => said.push(String(text)));
  const [code] = (await once(shell, 'close')) as [number | null];
  const seconds = (performance.now() - begun) / 1000;
  const output = said.join('');
  if (code !== 0 || !(peer.compares ?? output.includes(sha256)))
    throw new Error(`${peer.name} did not end with the right copy: ${output}`);
  await rm(copy);
  return seconds;
}
