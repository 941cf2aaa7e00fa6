import { setTimeout as pause } from 'node:timers/promises';
import { availabilityOf } from '../domain/statuses';
import { archiveZip, type Blueprint, type fingerprint, type Fingerprint } from './content/archive-zip';
import type { ByteSource } from './content/bytes';
import { conferenceOf, type Conference } from './content/conference';
import type { Journal, StatusCause } from './journal';

/** A status, how long it lasts if another follows, and what a `FAILED` archive says. */
export interface Step {
  readonly status: string;
  readonly forMs?: number;
  readonly error?: string | undefined;
}

/** What an archive is made of. */
export interface ArchivePlan {
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly blueprint: Blueprint;
  readonly statuses: readonly Step[];
  /** How long it is kept once it is `ABANDONED`. */
  readonly expireAfterMs: number;
  /** Fields that replace those of the record. */
  readonly record: Readonly<Record<string, unknown>>;
  /** Called when the archive is AVAILABLE for the first time. */
  readonly onceAvailable: (archive: Archive) => void;
}

/**
 * One archive of the platform. It goes through one course of statuses at a time: a new one ends the one before. A
 * status that has a file is not entered before the file's fingerprint is known.
 */
export class Archive {
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly sizeBytes: number;
  readonly conference: Conference;
  /** Only the archive itself changes these. */
  status = '';
  error: string | undefined;
  readonly #fileReady: Promise<void>;
  readonly #removed = new AbortController();
  #course = new AbortController();
  #fingerprint: Fingerprint | undefined;
  #wasAvailable = false;

  /** Begins the course that the plan describes. An archive whose file does not exist yet is PACKING until it does. */
  constructor(
    private readonly plan: ArchivePlan,
    private readonly journal: Journal,
    takeFingerprint: typeof fingerprint,
  ) {
    this.archiveId = plan.archiveId;
    this.conferenceId = plan.conferenceId;
    this.sizeBytes = plan.blueprint.sizeBytes;
    this.conference = conferenceOf(plan.blueprint.seed);
    this.#fileReady = takeFingerprint(plan.blueprint, this.#removed.signal).then((found) => {
      this.#fingerprint = found;
    });
    this.#fileReady.catch(() => this.#course.abort());
    const { statuses } = plan;
    const beginsWithFile = statuses[0] && hasFile(statuses[0].status);
    void this.#follow(beginsWithFile ? [{ status: 'PACKING' }, ...statuses] : statuses, 'course');
  }

  /** Lower-case hex; `undefined` until it is computed. */
  get sha256(): string | undefined {
    return this.#fingerprint?.sha256;
  }

  /** The bytes of the file; `undefined` until its checksum is known. */
  content(): ByteSource | undefined {
    return this.#fingerprint && archiveZip(this.plan.blueprint).sealedWith(this.#fingerprint.recordingCrc32);
  }

  /** The record, with personal data as a real one has it. */
  record(): Readonly<Record<string, unknown>> {
    const { archiveId, conferenceId, status, sha256, error } = this;
    const { start, end, expert, participants } = this.conference;
    const fields: [string, unknown][] = Object.entries({
      ...{ archiveId, conferenceId, status },
      ...(hasFile(status) && { sha256CheckSum: sha256 }),
      ...(error !== undefined && { error }),
      ...{ start: start.toISOString(), end: end.toISOString(), expert, participants },
      ...this.plan.record,
    });
    return Object.fromEntries(fields.filter(([, value]) => value !== null));
  }

  /** Ends the course and sets a status; resolves when the archive has it. */
  become(status: string, cause: StatusCause, error?: string): Promise<void> {
    return this.#follow([{ status, error }], cause);
  }

  /** Ends everything that the archive has under way. */
  remove(): void {
    this.#removed.abort();
    this.#course.abort();
  }

  /** Leads through the steps, of which the last stays. Resolves when the first is entered, or never will be. */
  #follow(steps: readonly Step[], cause: StatusCause): Promise<void> {
    this.#course.abort();
    this.#course = new AbortController();
    const { signal } = this.#course;
    return new Promise((entered) => {
      this.#lead(steps, cause, signal, entered)
        .catch(() => undefined)
        .finally(entered);
    });
  }

  async #lead(steps: readonly Step[], cause: StatusCause, signal: AbortSignal, entered: () => void) {
    const wait = (ms: number) => pause(ms, undefined, { signal, ref: false });
    for (const [index, step] of steps.entries()) {
      if (hasFile(step.status) && !this.#fingerprint) await this.#fileReady;
      if (signal.aborted) return;
      this.#enter(step, cause);
      entered();
      if (step.forMs && index < steps.length - 1) await wait(step.forMs);
    }
    if (steps.at(-1)?.status !== 'ABANDONED') return;
    await wait(this.plan.expireAfterMs);
    this.#enter({ status: 'EXPIRED' }, 'expiry');
  }

  #enter({ status, error }: Step, cause: StatusCause): void {
    const previous = this.status;
    this.status = status;
    this.error = status === 'FAILED' ? (error ?? 'The archive could not be packed.') : undefined;
    if (status !== previous) {
      const { archiveId, conferenceId } = this;
      const why = previous === '' ? 'created' : cause;
      this.journal.write({ kind: 'status', archiveId, conferenceId, status, cause: why });
    }
    if (status === 'AVAILABLE' && !this.#wasAvailable) {
      this.#wasAvailable = true;
      this.plan.onceAvailable(this);
    }
  }
}

/** Whether an archive of this status has, or had, a finished file, and so a checksum. */
export function hasFile(status: string): boolean {
  return ['available', 'abandoned', 'expired'].includes(availabilityOf(status));
}
