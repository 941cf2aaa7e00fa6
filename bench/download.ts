import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { countArgument, sizeArgument } from '../src/cli/options';
import { writeArchive } from './download/archive-file';
import { compare, engineFolder } from './download/compare';
import { describeMachine } from './download/machine';
import { measureMemory, MEMORY_SIZES } from './download/measure-memory';
import { lackOf, PEERS, type Peer } from './download/peers';
import { startPlatform, type Platform } from './download/platform';
import { describeMedians, describeMemory, toJson, type MemoryMiB } from './download/report';
import { requireRoom } from './download/room';
import { SERVER_KINDS, type ServerKind } from './download/server';
import { runProgram, tell } from './program';

/**
 * One archive, downloaded over loopback by Archivist, up to a bag that was read back, is durable and is recorded, and by what
 * others would use: from the same server to the same disk, in turns. Ours are the worker's own activities, without Temporal.
 */
const options = new Command('bench/download')
  .option('--rounds <n>', 'rounds of each, in turns', countArgument, 5)
  .option('--size <size>', 'size of the archive', sizeArgument, 2 * 1024 ** 3)
  .option('--memory', 'measure peak memory at 1 GiB and at 8 GiB, too')
  .option('--folder <folder>', 'where everything is written and removed again', tmpdir())
  .addOption(
    new Option('--server <kind>', 'what serves the archive (else nginx, if installed)').choices(SERVER_KINDS),
  )
  .option('--json', 'end with one line of JSON')
  .parse()
  .opts<{ rounds: number; size: number; memory?: true; folder: string; server?: ServerKind; json?: true }>();

async function main(): Promise<void> {
  await requireRoom(options.folder, Math.max(options.size, options.memory ? MEMORY_SIZES['8GiB'] : 0));
  const folder = await mkdtemp(join(options.folder, 'archivist-bench-'));
  process.once('SIGINT', () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  });
  try {
    const platform = await startPlatform(join(folder, 'served'), options.server);
    try {
      await measure(folder, platform);
    } finally {
      await platform.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(folder: string, platform: Platform): Promise<void> {
  tellAll(await describeMachine(folder, platform.server));
  const peers = await installedPeers();
  const file = await writeArchive(join(folder, 'archive.zip'), options.size);
  const seconds = await compare(folder, platform, peers, file, options.rounds, tell);
  await rm(file.path);
  const memory = options.memory && (await measureMemories(folder, platform));
  tellAll(describeMedians(seconds));
  if (memory) tellAll(describeMemory(memory));
  if (options.json) process.stdout.write(`${toJson(options.size, seconds, memory)}\n`);
}

async function installedPeers(): Promise<readonly Peer[]> {
  const installed: Peer[] = [];
  for (const peer of PEERS) {
    const lack = await lackOf(peer);
    if (lack === undefined) installed.push(peer);
    tell(lack === undefined ? `${peer.name}: ${peer.line}` : `${peer.name} is left out: ${lack}`);
  }
  return installed;
}

async function measureMemories(folder: string, platform: Platform): Promise<MemoryMiB> {
  const peaks: Record<string, number | null> = {};
  for (const [name, sizeBytes] of Object.entries(MEMORY_SIZES)) {
    const peak = await measureMemory(engineFolder(folder), platform, sizeBytes);
    peaks[name] = peak === undefined ? null : Math.round(peak);
  }
  return peaks;
}

function tellAll(lines: readonly string[]): void {
  lines.forEach(tell);
}

runProgram(main);
