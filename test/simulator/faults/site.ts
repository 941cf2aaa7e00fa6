import { archiveZip, fingerprint, startSimulator } from '../../../src/simulator';
import type { FaultRule, RequestEntry, Simulator } from '../../../src/simulator';
import { abandonPath, downloadPath, recordPath } from '../platform-access';
import { exchange, type Exchange, type RawRequest } from './exchange';

export const SIZE = 4000;
export const DOWNLOAD = downloadPath('a1');
export const RECORD = recordPath('a1');
export const LIST = '/conferences/archives';
export const ABANDON = abandonPath('c1');

/** A simulator with an archive `a1` of the conference `c1`. */
export interface FaultySite {
  readonly simulator: Simulator;
  /** What the file of the archive is. */
  readonly bytes: Buffer;
  readonly sha256: string;
  /** Asks the platform once. */
  ask(path: string, request?: RawRequest): Promise<Exchange>;
  /** Asks the platform once, with one rule set. */
  meet(rule: FaultRule, path: string, request?: RawRequest): Promise<Exchange>;
  /** All requests so far, in the journal; resolves when there are as many. */
  requests(count: number): Promise<readonly RequestEntry[]>;
  close(): Promise<void>;
}

export async function startFaultySite(): Promise<FaultySite> {
  const simulator = await startSimulator();
  const blueprint = { seed: 'a1', sizeBytes: SIZE };
  const { recordingCrc32, sha256 } = await fingerprint(blueprint, new AbortController().signal);
  const bytes = archiveZip(blueprint).sealedWith(recordingCrc32).read(0, SIZE);
  await simulator.createArchives({ archiveId: 'a1', conferenceId: 'c1', size: SIZE });
  await simulator.untilStatus('a1', 'AVAILABLE');

  const site: FaultySite = {
    simulator,
    bytes,
    sha256,
    ask: (path, { headers, ...request } = {}) =>
      exchange(
        new URL(path.startsWith('/api/') ? path : `/api/v2/communication${path}`, simulator.url).href,
        {
          ...request,
          headers: { 'api-key': simulator.apiKey, ...headers },
        },
      ),
    async meet(rule, path, request) {
      await simulator.setFaults([rule]);
      return site.ask(path, request);
    },
    async requests(count) {
      for (;;) {
        const entries = await simulator.journal({ kind: 'request' });
        if (entries.length >= count) return entries.filter((entry) => entry.kind === 'request');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    close: () => simulator.close(),
  };
  return site;
}
