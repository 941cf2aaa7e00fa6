import type { FailureKind } from './handling';

/** Failures of the abandon and of what comes after it; part of the one table in `failures.ts`. */
export const ABANDON_FAILURES = {
  ListIncomplete: {
    meaning:
      "The platform's list could not be read to its end, or not understood; nothing is abandoned by such a list.",
    handling: 'retry',
    remedy: 'If it lasts, look at what the platform answers for its list; see `archivist reconcile`.',
  },
  ListAwaited: {
    meaning:
      "More claims of the tenant wait for the next reading of the platform's list than may wait at a time.",
    handling: 'poll',
    remedy:
      'Nothing: they ask again by themselves. If it lasts, look at how long the platform takes for its list.',
  },
  AbandonInFlight: {
    meaning: 'A request to abandon the conference was sent a moment ago, and may still take effect.',
    handling: 'poll',
    remedy: 'Nothing: the records are read again by itself.',
  },
  AbandonUnconfirmed: {
    meaning: 'The platform did not accept the abandon, or its record did not show it afterwards.',
    handling: 'retry',
    remedy: 'Nothing is lost: the copy is secured. If it lasts, ask the platform why it refuses.',
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
      'While the platform still has the file, remove what keeps it from being downloaded. Otherwise put the bag back into its place from a backup; the sweep verifies it again within 6 hours, `archivist verify ID` at once.',
  },
} as const satisfies Record<string, FailureKind>;
