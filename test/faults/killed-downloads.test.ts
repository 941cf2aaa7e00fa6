import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { DownloadedCopy } from '../../src/domain/claim';
import { parseArchiveId, parseConferenceId, parseTenantId } from '../../src/domain/ids';
import { startSimulator, type FaultRule, type RequestEntry, type Simulator } from '../../src/simulator';
import { openStore } from '../../src/store/open-store';
import { digestCopy } from '../../src/store/examine-copy';
import type { Job } from './download-once';

const MIB = 1024 * 1024;

describe('a download that is killed repeatedly', () => {
  let simulator: Simulator;
  let root: string;
  beforeEach(async () => {
    simulator = await startSimulator();
    root = await mkdtemp(join(tmpdir(), 'archivist-killed-'));
    await openStore(`file:${root}`).initialise();
  });
  afterEach(async () => {
    await simulator.close();
    await rm(root, { recursive: true });
  });

  /** An archive, and the processes that download it: each but the last is killed at a random place. */
  async function downloadKilled(size: number, kills: number, seed: number, faults: FaultRule[] = []) {
    const random = randomFrom(seed);
    const job = await jobFor(size, faults);
    const incoming = join(root, '.incoming', 'acme', job.archiveId);
    for (let attempt = 1; attempt <= kills; attempt += 1) {
      const known = await namesIn(incoming);
      const { child, ended } = start({ ...job, attempt });
      // Ten such steps are less than the whole, so that none comes after the end.
      const step = (random() * 0.85 * size) / kills;
      await untilGrownBy(step, incoming, known);
      await pause(random() * 10);
      child.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
    }
    const last = await start({ ...job, attempt: kills + 1 }).ended;
    expect(last.code).toBe(0);
    return { job, copy: JSON.parse(last.said) as DownloadedCopy };
  }

  async function jobFor(size: number, faults: FaultRule[]): Promise<Omit<Job, 'attempt'>> {
    const [created] = await simulator.createArchives({ size, faults, notify: { when: 'never' } });
    const { archiveId, conferenceId } = created!;
    const { sha256 = '' } = await simulator.untilStatus(archiveId, 'AVAILABLE', 150_000);
    const facts = { sha256, conferenceId: parseConferenceId(conferenceId), platformStatus: 'AVAILABLE' };
    return { baseUrl: simulator.url, apiKey: simulator.apiKey, store: `file:${root}`, archiveId, facts };
  }

  async function digestOf({ archiveId }: { readonly archiveId: string }, { copyId }: DownloadedCopy) {
    const key = { tenant: parseTenantId('acme'), archiveId: parseArchiveId(archiveId) };
    const reader = await openStore(`file:${root}`).open(key, copyId);
    try {
      return await digestCopy(reader);
    } finally {
      await reader.close();
    }
  }

  async function downloads(): Promise<readonly RequestEntry[]> {
    const entries = await simulator.journal({ kind: 'request', endpoint: 'download' });
    return entries.filter((entry): entry is typeof entry & RequestEntry => entry.kind === 'request');
  }

  it('requests less than 1.3 times its bytes if the server serves ranges, and is correct', async () => {
    const size = 1024 * MIB;
    const { job, copy } = await downloadKilled(size, 10, 4711);
    expect(await digestOf(job, copy)).toEqual({ sha256: job.facts.sha256, sizeBytes: size });
    const sent = (await downloads()).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(sent).toBeGreaterThanOrEqual(size);
    expect(sent).toBeLessThan(1.3 * size);
  }, 180_000);

  it('is correct even if the server only sends the whole file', async () => {
    const size = 64 * MIB;
    const { job, copy } = await downloadKilled(size, 3, 4712, [{ fault: 'ignoreRange' }]);
    expect(await digestOf(job, copy)).toEqual({ sha256: job.facts.sha256, sizeBytes: size });
    for (const { statusCode } of await downloads()) expect(statusCode).toBe(200);
  }, 120_000);
});

function start(job: Job) {
  const script = join(__dirname, 'download-once.ts');
  const child = spawn(process.execPath, ['-r', 'tsx/cjs', script, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = Promise.all([text(child.stdout), once(child, 'close')]).then(([said, [code, signal]]) => ({
    said,
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  return { child, ended };
}

/** Waits until the copy that a process begins or takes over has so many bytes more. */
async function untilGrownBy(bytes: number, incoming: string, known: readonly string[]): Promise<void> {
  let from: number | undefined;
  for (;;) {
    const own = (await namesIn(incoming)).find(
      (name) => !known.includes(name) && /^[0-9a-f]{16}$/.test(name),
    );
    const size = own === undefined ? undefined : await sizeOf(join(incoming, own, 'data/archive.zip'));
    from ??= size;
    if (size !== undefined && from !== undefined && size >= from + bytes) return;
    await pause(2);
  }
}

function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}

function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
