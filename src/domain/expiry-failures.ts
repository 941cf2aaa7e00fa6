import type { FailureKind } from './handling';

/** Failures of what comes after the abandon; part of the one table in `failures.ts`. */
export const EXPIRY_FAILURES = {
  NotYetExpired: {
    meaning: 'The platform was told that it may delete its file, and has not done so yet.',
    handling: 'poll',
    remedy: 'Nothing: it is asked again by itself.',
  },
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
      'While the platform still has the file, remove what keeps it from being downloaded. Else put the bag back into its place, from a backup. Then send the signal `recheck` to the watch.',
  },
  NotAbandoned: {
    meaning: 'The ledger does not say that the archive was abandoned, and so there is no expiry to watch.',
    handling: 'end',
    remedy: 'Claim the archive; the claim has its expiry watched.',
  },
} as const satisfies Record<string, FailureKind>;
