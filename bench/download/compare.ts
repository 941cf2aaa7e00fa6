import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeArchive, type ArchiveFile } from './archive-file';
import { startEngine, type Engine } from './engine';
import { runPeer, type Peer } from './peers';
import type { Platform } from './platform';
import { settle } from './settle';

export const OURS = 'archivist';

/** Seconds of every round, by who took them. */
export type Seconds = ReadonlyMap<string, readonly number[]>;

interface Contestant {
  readonly name: string;
  /** Downloads the file, proves the copy and removes it. @returns seconds, without the removal */
  run(file: ArchiveFile): Promise<number>;
}

/** Where ours has its store and its ledger. */
export function engineFolder(folder: string): string {
  return join(folder, 'engine');
}

/** Enough that nothing of a contestant is loaded for the first time in the first round. */
const WARM_UP_BYTES = 64 * 1024 ** 2;

/** Has everybody download the file, in turns, each second round in reverse order. */
export async function compare(
  folder: string,
  platform: Platform,
  peers: readonly Peer[],
  file: ArchiveFile,
  rounds: number,
  tell: (line: string) => void,
): Promise<Seconds> {
  const engine = await startEngine(engineFolder(folder), platform.url);
  try {
    const contestants = await gather(folder, platform, engine, peers);
    const small = await writeArchive(join(folder, 'small.zip'), WARM_UP_BYTES);
    for (const contestant of contestants) await contestant.run(small);
    const seconds = new Map(contestants.map(({ name }) => [name, [] as number[]]));
    for (let round = 1; round <= rounds; round += 1) {
      for (const { name, run } of round % 2 === 1 ? contestants : contestants.toReversed()) {
        await settle();
        seconds.get(name)?.push(await run(file));
      }
      const latest = [...seconds].map(([name, all]) => `${name} ${all.at(-1)?.toFixed(2) ?? ''}`);
      tell(`round ${round}, seconds: ${latest.join(', ')}`);
    }
    return seconds;
  } finally {
    await engine.stop();
  }
}

async function gather(
  folder: string,
  platform: Platform,
  engine: Engine,
  peers: readonly Peer[],
): Promise<readonly Contestant[]> {
  const aside = join(folder, 'peers');
  await mkdir(aside);
  const ours: Contestant = {
    name: OURS,
    async run(file) {
      const { archiveId } = await platform.publish(file);
      const { seconds, bag } = await engine.secure(archiveId);
      await rm(bag, { recursive: true });
      return seconds;
    },
  };
  const theirs = (peer: Peer): Contestant => ({
    name: peer.name,
    async run(file) {
      const { fileUrl } = await platform.publish(file);
      return await runPeer(peer, aside, fileUrl, file.sha256);
    },
  });
  return [ours, ...peers.map(theirs)];
}
