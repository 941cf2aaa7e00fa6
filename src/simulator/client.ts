import { request } from 'undici';
import type { ArchiveState, CreatedArchive, SimulatorControl } from './control-api/control';
import type { ArchivesSpec, NotifySpec, StatusSpec } from './control-api/specs';
import { untilStatus } from './control-api/until-status';
import type { FaultRule } from './faults/rules';
import type { JournalEntry } from './journal/entries';
import type { JournalFilter } from './journal/journal';
import type { DeliveryOutcome } from './notifications/courier';

interface JournalPage {
  readonly entries: readonly JournalEntry[];
  readonly more: boolean;
}

/** Thrown when the simulator refuses a control request; the message is the simulator's. */
export class SimulatorRefusal extends Error {
  override readonly name = 'SimulatorRefusal';

  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** The control of a simulator that runs in another process. */
export class SimulatorClient implements SimulatorControl {
  readonly #control: string;

  /** @param url what the simulator said when it started: `http://127.0.0.1:PORT` */
  constructor(url: string) {
    this.#control = new URL('/_control', url).href;
  }

  createArchives(spec: ArchivesSpec = {}): Promise<readonly CreatedArchive[]> {
    return this.#ask('POST', '/archives', spec);
  }

  archive(archiveId: string): Promise<ArchiveState> {
    return this.#ask('GET', pathOf(archiveId));
  }

  untilStatus(archiveId: string, status: string, timeoutMs?: number): Promise<ArchiveState> {
    return untilStatus(() => this.archive(archiveId), status, timeoutMs);
  }

  setStatus(archiveId: string, spec: StatusSpec): Promise<ArchiveState> {
    return this.#ask('POST', `${pathOf(archiveId)}/status`, spec);
  }

  notify(archiveId: string, spec: NotifySpec = {}): Promise<readonly DeliveryOutcome[]> {
    return this.#ask('POST', `${pathOf(archiveId)}/notify`, spec);
  }

  setFaults(rules: readonly FaultRule[], options: { readonly seed?: string } = {}): Promise<void> {
    return this.#ask('POST', '/faults', { rules, ...options });
  }

  clearFaults(): Promise<void> {
    return this.#ask('DELETE', '/faults');
  }

  async journal(filter: JournalFilter = {}): Promise<readonly JournalEntry[]> {
    const found: JournalEntry[] = [];
    let after = filter.after ?? 0;
    for (;;) {
      const page = await this.#ask<JournalPage>('GET', `/journal?${queryOf({ ...filter, after })}`);
      found.push(...page.entries);
      if (!page.more) return found;
      after = page.entries.at(-1)?.seq ?? after;
    }
  }

  reset(): Promise<void> {
    return this.#ask('POST', '/reset');
  }

  /** Resolves when the simulator answers. @throws an error of the connection where it does not */
  async ready(): Promise<void> {
    await this.#ask('GET', '/livez');
  }

  async #ask<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, spec?: object): Promise<Answer> {
    const { statusCode, body } = await request(`${this.#control}${path}`, {
      method,
      ...(spec && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(spec) }),
    });
    const text = await body.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (statusCode >= 400) throw new SimulatorRefusal(statusCode, messageOf(answer));
    return answer as Answer;
  }
}

function pathOf(archiveId: string): string {
  return `/archives/${encodeURIComponent(archiveId)}`;
}

function queryOf(filter: JournalFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

function messageOf(answer: unknown): string {
  const message = typeof answer === 'object' && answer && 'message' in answer ? answer.message : undefined;
  return typeof message === 'string' ? message : 'The simulator refused the request.';
}
