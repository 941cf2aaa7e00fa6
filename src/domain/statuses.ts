/** The statuses of an archive record that the platform documents, and what each means for a claim. */
export const PLATFORM_STATUSES = {
  PROCESSING: 'inProgress',
  ARTIFACT_GATHERING_COMPLETE: 'inProgress',
  PACKING: 'inProgress',
  AVAILABLE: 'available',
  FAILED: 'failed',
  ABANDONED: 'abandoned',
  EXPIRED: 'expired',
} as const;

export type PlatformStatus = keyof typeof PLATFORM_STATUSES;
export type Availability = (typeof PLATFORM_STATUSES)[PlatformStatus];

export function isDocumented(status: string): status is PlatformStatus {
  return Object.hasOwn(PLATFORM_STATUSES, status);
}

/** An undocumented status means `inProgress`: the claim waits, and never abandons on it. */
export function availabilityOf(status: string): Availability {
  return isDocumented(status) ? PLATFORM_STATUSES[status] : 'inProgress';
}

/** Whether a status shows that the platform was told that it may delete its file. */
export function platformConfirmedAbandon(status: string): boolean {
  const availability = availabilityOf(status);
  return availability === 'abandoned' || availability === 'expired';
}
