import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildZip } from '../store/build-zip';
import { hashOf } from './checker/chain';
import type { Evidence, JournalEntry, LedgerEvent } from './checker/evidence';

export const TENANT = 'acme';
const ARCHIVE = 'a1';
const CONFERENCE = 'c1';

const BYTES = buildZip(['recording.mp4', 'chat.json']);
const SHA256 = sha256(BYTES);

/** What one well-kept archive leaves behind, its bag in `store` included: made by hand, without Archivist. */
export async function makeUpSite(store: string): Promise<Evidence> {
  await writeBag(path.join(store, TENANT, ARCHIVE));
  const events = chain([
    ['10', 'metadata modification', {}],
    ['20', 'fixity check', { sha256: SHA256 }],
    ['30', 'accession', { sha256: SHA256, state: 'secured' }],
    ['50', 'policy assignment', { state: 'abandoned' }],
  ]);
  return {
    tenant: TENANT,
    store,
    archives: [
      {
        archiveId: ARCHIVE,
        conferenceId: CONFERENCE,
        sizeBytes: BYTES.length,
        status: 'ABANDONED',
        sha256: SHA256,
      },
    ],
    journal: [status(1, '05', 'AVAILABLE'), abandon(2, '40'), status(3, '41', 'ABANDONED')],
    rows: [
      {
        tenant: TENANT,
        archiveId: ARCHIVE,
        state: 'abandoned',
        sha256: SHA256,
        attention: null,
        warning: null,
        eventCount: events.length,
        lastEventHash: events.at(-1)?.hash ?? '',
      },
    ],
    events,
    claims: [{ archiveId: ARCHIVE, runId: 'r1', completed: true }],
    exceptions: new Map(),
    holds: [],
    givenUp: [],
  };
}

/** @param second when it was sent, and took effect */
export function abandon(seq: number, second: string): JournalEntry {
  const at = `2026-01-31T12:00:${second}.000Z`;
  return {
    ...{ seq, at, kind: 'request', endpoint: 'abandon', conferenceId: CONFERENCE },
    ...{ startedAt: at, affected: [ARCHIVE] },
  };
}

export function status(seq: number, second: string, taken: string, archiveId = ARCHIVE): JournalEntry {
  return {
    ...{ seq, at: `2026-01-31T12:00:${second}.000Z`, kind: 'status' },
    ...{ archiveId, conferenceId: CONFERENCE, status: taken },
  };
}

type Step = readonly [second: string, type: string, detail: object];

/** Events whose every hash is right. */
export function chain(steps: readonly Step[]): readonly LedgerEvent[] {
  const events: LedgerEvent[] = [];
  for (const [second, type, detail] of steps) {
    const unsigned = {
      ...{ tenant: TENANT, archiveId: ARCHIVE, sequence: events.length + 1 },
      ...{
        at: `2026-01-31T12:00:${second}.000000Z`,
        type,
        outcome: 'success',
        detail: JSON.stringify(detail),
      },
      ...{ previousHash: events.at(-1)?.hash ?? '0'.repeat(64), hash: '' },
    };
    events.push({ ...unsigned, hash: hashOf(unsigned) });
  }
  return events;
}

/** Gives the archive's bag other bytes, as if the platform had these. @returns their SHA-256 */
export async function rewriteBag(store: string, bytes: Buffer): Promise<string> {
  await writeBag(path.join(store, TENANT, ARCHIVE), bytes);
  return sha256(bytes);
}

async function writeBag(folder: string, bytes = BYTES): Promise<void> {
  await mkdir(path.join(folder, 'data'), { recursive: true });
  await writeFile(path.join(folder, 'data', 'archive.zip'), bytes);
  const tags = {
    'bagit.txt': 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n',
    'bag-info.txt': `External-Identifier: ${ARCHIVE}\nPayload-Oxum: ${bytes.length}.1\n`,
    'manifest-sha256.txt': `${sha256(bytes)}  data/archive.zip\n`,
  };
  const manifest = Object.entries(tags).map(([name, text]) => `${sha256(text)}  ${name}\n`);
  for (const [name, text] of Object.entries({ ...tags, 'tagmanifest-sha256.txt': manifest.join('') }))
    await writeFile(path.join(folder, name), text);
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
