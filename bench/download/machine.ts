import { cpus, totalmem } from 'node:os';
import { findProgram, firstLine } from './programs';
import type { ServerKind } from './server';

const VERSIONS = [
  ['curl', '--version'],
  ['sha256sum', '--version'],
  ['openssl', 'version'],
  ['rclone', 'version'],
  ['aria2c', '--version'],
] as const;

/** What figures depend on, for people: processors, memory, the folder's filesystem, versions. */
export async function describeMachine(folder: string, server: ServerKind): Promise<readonly string[]> {
  const processors = cpus();
  const gibibytes = (totalmem() / 1024 ** 3).toFixed(0);
  const filesystem = await firstLine('findmnt', ['-n', '-o', 'FSTYPE', '-T', folder]);
  const peers = await Promise.all(VERSIONS.map(([program, option]) => firstLine(program, [option])));
  const served = server === 'nginx' ? await firstLine((await findProgram('nginx')) ?? '', ['-v']) : undefined;
  return [
    `${processors.length} x ${processors[0]?.model ?? 'unknown processor'}, ${gibibytes} GiB of memory, ${filesystem ?? 'unknown filesystem'}`,
    `served by ${served ?? `Node.js ${process.version}`}; ours under Node.js ${process.version} and tsx`,
    peers.filter((line) => line !== undefined).join('; '),
  ];
}
