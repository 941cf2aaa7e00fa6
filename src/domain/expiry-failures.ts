import type { FailureKind } from './handling';

/** Failures of what comes after the abandon; part of the one table in `failures.ts`. */
export const EXPIRY_FAILURES = {
  ExpiryUnconfirmed: {
    meaning: 'A week after the end of `expiry.period` the platform still does not say EXPIRED.',
    handling: 'attention',
    remedy:
      'Ask the platform why it keeps its file; if its period is longer, set `expiry.period`. It is asked every 6 hours, and the archive is closed when it says EXPIRED.',
  },
  AbandonUndone: {
    meaning:
      'The platform shows the archive neither as abandoned nor as expired any more, though it confirmed the abandon.',
    handling: 'attention',
    remedy:
      'Nothing is lost: the copy is secured. Ask the platform why; if the file is to be deleted, abandon the archive there once more.',
  },
  CopyDamaged: {
    meaning:
      'The stored copy is damaged or gone, and could not be had again: the platform no longer has the file, or does not give it.',
    handling: 'attention',
    remedy:
      'While the platform still has the file, remove what keeps it from being downloaded. Otherwise put the bag back into its place from a backup; the sweep verifies it again within 6 hours, `archivist verify ID` at once.',
  },
} as const satisfies Record<string, FailureKind>;
