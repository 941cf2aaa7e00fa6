import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import type { DeliveryOutcome } from '../deliveries/announcer';
import type { FaultRule } from '../faults/rules';
import type { JournalEntry } from '../journal';
import type { ArchivesSpec, JournalFilter, NotifySpec, StatusSpec } from './specs';

export interface CreatedArchive {
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly sizeBytes: number;
}

/** What the simulator knows of an archive. */
export interface ArchiveState extends CreatedArchive {
  readonly status: string;
  readonly error?: string;
  /** Absent until it is computed, whatever the record says. */
  readonly sha256?: string;
}

interface Page {
  readonly entries: readonly JournalEntry[];
  readonly more: boolean;
}

/** The control of a simulator, in this process or another. Every method throws with the simulator's message if it is refused. */
export class SimulatorClient {
  /** @param url what the simulator said when it started: `http://127.0.0.1:PORT` */
  constructor(readonly url: string) {}

  createArchives(spec: ArchivesSpec = {}): Promise<readonly CreatedArchive[]> {
    return this.#ask('POST', '/archives', spec);
  }

  archive(archiveId: string): Promise<ArchiveState> {
    return this.#ask('GET', pathOf(archiveId));
  }

  /** Polls until the archive has the status. @throws Error after `timeoutMs` */
  async untilStatus(archiveId: string, status: string, timeoutMs = 30_000): Promise<ArchiveState> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const state = await this.archive(archiveId);
      if (state.status === status) return state;
      if (performance.now() >= deadline) {
        throw new Error(`The archive ${archiveId} is ${state.status}, not ${status}, after ${timeoutMs} ms.`);
      }
      await pause(10);
    }
  }

  /** Sets a status by force and ends the archive's course; resolves when the archive has it. */
  setStatus(archiveId: string, spec: StatusSpec): Promise<ArchiveState> {
    return this.#ask('POST', `${pathOf(archiveId)}/status`, spec);
  }

  /** Announces an archive again; resolves with how every delivery ended. */
  notify(archiveId: string, spec: NotifySpec = {}): Promise<readonly DeliveryOutcome[]> {
    return this.#ask('POST', `${pathOf(archiveId)}/notify`, spec);
  }

  /**
   * Sets the faults that requests meet from now on, in place of those set before; what archives were made with stays.
   * @param options.seed what the probabilities follow from
   */
  setFaults(rules: readonly FaultRule[], options: { readonly seed?: string } = {}): Promise<void> {
    return this.#ask('POST', '/faults', { rules, ...options });
  }

  /** Takes back all faults, those that archives were made with included. */
  clearFaults(): Promise<void> {
    return this.#ask('DELETE', '/faults');
  }

  /** All entries that match, oldest first. */
  async journal(filter: JournalFilter = {}): Promise<readonly JournalEntry[]> {
    const given = Object.entries(filter).map(([name, value]) => [name, String(value)] as const);
    const query = new URLSearchParams(Object.fromEntries(given));
    const found: JournalEntry[] = [];
    for (;;) {
      const { entries, more } = await this.#ask<Page>('GET', `/journal?${query.toString()}`);
      found.push(...entries);
      if (!more) return found;
      query.set('after', String(found.at(-1)?.seq ?? 0));
    }
  }

  /** Forgets archives, faults, subscriptions, deliveries and the journal. */
  reset(): Promise<void> {
    return this.#ask('POST', '/reset');
  }

  /** Resolves when the simulator answers. @throws an error of the connection if it does not */
  async ready(): Promise<void> {
    await this.#ask('GET', '/livez');
  }

  async #ask<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, spec?: object): Promise<Answer> {
    const { statusCode, body } = await request(new URL(`/_control${path}`, this.url), {
      method,
      ...(spec && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(spec) }),
    });
    const text = await body.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (statusCode >= 400) throw new Error((answer as { message: string }).message);
    return answer as Answer;
  }
}

function pathOf(archiveId: string): string {
  return `/archives/${encodeURIComponent(archiveId)}`;
}
