import { ABANDON_FAILURES } from './abandon-failures';
import type { FailureKind, Handling } from './handling';
import { nameOf, type ArchiveKey } from './ids';
import { SUBSCRIPTION_FAILURES } from './subscription-failures';

/** Every failure that has a name. Anything that is not here is reported as `Unexpected` and retried. */
export const FAILURES = {
  NotYetAvailable: {
    meaning: 'The platform is still making the archive.',
    handling: 'poll',
    remedy: 'Nothing: it is asked for again by itself.',
  },
  PlatformUnavailable: {
    meaning:
      'The platform could not be reached, was overloaded, or answered with something that is not its API.',
    handling: 'retry',
    remedy: "If it lasts, check the tenant's baseUrl, the network and the platform's status.",
  },
  CredentialsRejected: {
    meaning: 'The platform refused the API key (401 or 403).',
    handling: 'retryThenAttention',
    remedy: "Renew the tenant's apiKey; unless a file holds it, restart the workers. Claims then go on.",
  },
  ArchiveNotFound: {
    meaning:
      'The platform does not know the archive (404). An error never means that it is gone, so it is asked again.',
    handling: 'retry',
    remedy: 'Check the archive id if it was typed by hand; give the claim up if it never existed.',
  },
  FileRefused: {
    meaning:
      'The answer for the file has the headers of a page or of encoded data and does not begin as a zip, or the record has no checksum.',
    handling: 'retryThenAttention',
    remedy: 'Ask the platform, or who runs a proxy on the way, why its file is sent as something else.',
  },
  NotDownloadable: {
    meaning: 'The platform refuses the file, and its record no longer says that it can be downloaded.',
    handling: 'startOver',
    remedy: 'Nothing: the record is asked for again by itself.',
  },
  TransferInterrupted: {
    meaning: 'The download broke off, stalled, or ended short of its announced length.',
    handling: 'retry',
    remedy: 'If it lasts, check the network between worker and platform.',
  },
  StoreUnavailable: {
    meaning: 'The store could not be read or written, or its marker is missing (an unmounted volume).',
    handling: 'retry',
    remedy: 'Mount or repair the store; claims go on by themselves.',
  },
  StoreFull: {
    meaning: 'The store has no room left.',
    handling: 'retry',
    remedy: 'Make room in the store; claims go on by themselves.',
  },
  LedgerUnavailable: {
    meaning: 'The ledger could not be reached or refused a statement.',
    handling: 'retry',
    remedy:
      'Check PostgreSQL and run `archivist setup` if the schema is missing; claims go on by themselves.',
  },
  FencedOff: {
    meaning:
      'A later attempt, or a later run, of the claim has taken the archive over, or its claim has ended.',
    handling: 'retry',
    remedy: 'Nothing: the later one goes on.',
  },
  LedgerBehind: {
    meaning:
      'The ledger does not know the archive that its claim is about (it was probably restored from a backup), or says that the claim is over.',
    handling: 'startOver',
    remedy: 'Nothing: the claim begins again from the record.',
  },
  ChecksumMismatch: {
    meaning: "The copy that was read back does not have the record's SHA-256 or size.",
    handling: 'downloadAgain',
    remedy:
      'Compare the record with the file on the platform; if the record is wrong, ask the platform to repair it.',
  },
  CopyMissing: {
    meaning: 'The downloaded copy is no longer in the store.',
    handling: 'downloadAgain',
    remedy: 'Find out what removes files from the store.',
  },
  ChecksumMissing: {
    meaning: 'The record carries no usable SHA-256, and `claim.requireChecksum` asks for one.',
    handling: 'attention',
    remedy:
      'Ask the platform for the checksum, or accept this archive without: `archivist decide ID acceptWithoutChecksum`.',
  },
  ArchiveTooLarge: {
    meaning: 'The file is larger than `claim.maxSize`, or than the platform said.',
    handling: 'attention',
    remedy:
      'Raise `claim.maxSize` if archives may be so large, or ask the platform what is wrong with the file.',
  },
  ZipUnreadable: {
    meaning:
      'The copy does not open as a zip. With the checksum of the record, it is secured all the same, and this is its warning.',
    handling: 'attention',
    remedy:
      'Look into the copy. Ask the platform to make the archive again, or accept a secured copy: `archivist decide ID acceptUnreadable`.',
  },
  RecordInvalid: {
    meaning: 'The record cannot be understood, or contradicts itself or the archive that was asked for.',
    handling: 'attention',
    remedy: 'Look at the record on the platform and ask the platform to repair it.',
  },
  PlatformFailed: {
    meaning: 'The platform says that making the archive FAILED.',
    handling: 'attention',
    remedy: "Read the record's `error` in the ledger and ask the platform to make the archive again.",
  },
  StoreConflict: {
    meaning: 'The place of the bag in the store holds something that this claim did not put there.',
    handling: 'attention',
    remedy: 'Look at the bag in the store; move it away if it does not belong there.',
  },
  UnknownTenant: {
    meaning: "The worker's configuration has no such tenant.",
    handling: 'attention',
    remedy: 'Add the tenant to the configuration of every worker, or cancel the claim.',
  },
  Cancelled: {
    meaning: 'A person cancelled the claim.',
    handling: 'end',
    remedy: 'To claim it after all: `archivist claim ID`.',
  },
  GivenUp: {
    meaning: 'A person gave the claim up. Nothing was abandoned.',
    handling: 'end',
    remedy: 'To claim it after all: `archivist claim ID`.',
  },
  InvalidInput: {
    meaning: "The claim's input is not `{tenant, archiveId}` with identifiers of the right form.",
    handling: 'end',
    remedy: 'Start the claim again with the right input.',
  },
  ArchiveUnknown: {
    meaning: 'The platform does not know the archive (404), and neither a record nor a list ever showed it.',
    handling: 'end',
    remedy: 'Check the archive id if it was typed by hand. A notification of it may be forged.',
  },
  ArchiveMissed: {
    meaning: 'The archive EXPIRED on the platform before there was a copy. The file is gone.',
    handling: 'end',
    remedy:
      'Ask the platform whether it can be restored; find out why neither webhook nor worker saw it in time.',
  },
  DeadlineExceeded: {
    meaning: 'The claim did not end within `claim.deadline`. The ledger says how far it got.',
    handling: 'end',
    remedy: 'Remove the cause (the last failure says what it was) and claim the archive again.',
  },
  ...ABANDON_FAILURES,
  ...SUBSCRIPTION_FAILURES,
  Unexpected: {
    meaning:
      'An error without a name: its class and code are kept, its text is not, as it may hold personal data.',
    handling: 'retry',
    remedy: 'Look at the stack in the worker log and report it.',
  },
} as const satisfies Record<string, FailureKind>;

export type FailureType = keyof typeof FAILURES;

export function isFailureType(value: unknown): value is FailureType {
  return typeof value === 'string' && Object.hasOwn(FAILURES, value);
}

export function handlingOf(type: FailureType): Handling {
  return FAILURES[type].handling;
}

/** Whether Temporal retries the activity by itself. */
export function isRetryable(type: FailureType): boolean {
  return ['poll', 'retry', 'retryThenAttention'].includes(handlingOf(type));
}

/**
 * Thrown by everything that a claim relies on. The message is safe to show anywhere: it names the archive and what
 * happened, and never a URL, a body, a secret or personal data.
 */
export class ArchivistError extends Error {
  override readonly name = 'ArchivistError';

  constructor(
    readonly type: FailureType,
    message: string,
    /** Milliseconds to wait before the next attempt, if the other side or the failure asks for that. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** A failure of one archive whose message is the meaning in the table. */
export function failureOf(type: FailureType, key: ArchiveKey, retryAfterMs?: number): ArchivistError {
  return new ArchivistError(type, `About ${nameOf(key)}: ${FAILURES[type].meaning}`, retryAfterMs);
}
