import type { ByteSource } from '../bytes/byte-source';
import { archiveZip, type Blueprint } from '../content/archive-zip';
import { conferenceOf, type Conference } from '../content/conference';
import type { Fingerprint } from '../content/fingerprint';
import type { StatusCause } from '../journal/entries';
import { Course, type Step } from './course';

/** What an archive is made of. */
export interface ArchivePlan {
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly blueprint: Blueprint;
  readonly steps: readonly Step[];
  readonly expireAfterMs: number;
  /** Fields that replace those of the record. */
  readonly record: Readonly<Record<string, unknown>>;
  /** Called when the archive is AVAILABLE for the first time. */
  readonly onceAvailable: (archive: Archive) => void;
}

/** What an archive needs from around it. */
export interface ArchiveSurroundings {
  readonly fingerprint: (blueprint: Blueprint, signal: AbortSignal) => Promise<Fingerprint>;
  readonly onStatus: (archive: Archive, previous: string | undefined, cause: StatusCause) => void;
}

const UNEXPLAINED = 'The archive could not be packed.';

/** One archive of the platform, with its status and, once it is known, its fingerprint. */
export class Archive {
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly conference: Conference;
  readonly recordOverrides: Readonly<Record<string, unknown>>;
  readonly sizeBytes: number;
  readonly #plan: ArchivePlan;
  readonly #onStatus: ArchiveSurroundings['onStatus'];
  readonly #course: Course;
  readonly #removed = new AbortController();
  #status: string | undefined;
  #error: string | undefined;
  #fingerprint: Fingerprint | undefined;
  #wasAvailable = false;

  constructor(plan: ArchivePlan, { fingerprint, onStatus }: ArchiveSurroundings) {
    this.#plan = plan;
    this.archiveId = plan.archiveId;
    this.conferenceId = plan.conferenceId;
    this.conference = conferenceOf(plan.blueprint.seed);
    this.recordOverrides = plan.record;
    this.sizeBytes = plan.blueprint.sizeBytes;
    this.#onStatus = onStatus;
    const fileReady = fingerprint(plan.blueprint, this.#removed.signal).then((found) => {
      this.#fingerprint = found;
    });
    this.#course = new Course({
      fileReady,
      hasFile: () => this.#fingerprint !== undefined,
      enter: (step) => this.#enter(step),
    });
    fileReady.catch(() => this.#course.stop());
  }

  get status(): string {
    return this.#status ?? 'PROCESSING';
  }

  get error(): string | undefined {
    return this.#error;
  }

  /** Lower-case hex; `undefined` until it is computed. */
  get sha256(): string | undefined {
    return this.#fingerprint?.sha256;
  }

  /** The bytes of the zip; `undefined` until its checksum is known. */
  content(): ByteSource | undefined {
    if (!this.#fingerprint) return undefined;
    return archiveZip(this.#plan.blueprint).sealedWith(this.#fingerprint.recordingCrc32);
  }

  /** Begins the course that the plan describes. */
  start(): void {
    void this.#course.follow(this.#plan.steps);
  }

  /** Ends the course and sets a status; resolves when the archive has it. */
  async become(status: string, cause: StatusCause, error?: string): Promise<void> {
    const step: Step = { status, forMs: this.#plan.expireAfterMs, cause, error };
    const expiry: Step = { status: 'EXPIRED', forMs: 0, cause: 'expiry' };
    await this.#course.follow(status === 'ABANDONED' ? [step, expiry] : [step]);
  }

  /** Ends everything that the archive has under way. */
  remove(): void {
    this.#removed.abort();
    this.#course.stop();
  }

  #enter({ status, cause, error }: Step): void {
    const previous = this.#status;
    this.#status = status;
    this.#error = status === 'FAILED' ? (error ?? UNEXPLAINED) : undefined;
    if (status !== previous) this.#onStatus(this, previous, cause);
    if (status === 'AVAILABLE' && !this.#wasAvailable) {
      this.#wasAvailable = true;
      this.#plan.onceAvailable(this);
    }
  }
}
