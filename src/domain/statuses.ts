/** The statuses of an archive record that the platform documents. */
export const PLATFORM_STATUSES = [
  'PROCESSING',
  'ARTIFACT_GATHERING_COMPLETE',
  'PACKING',
  'AVAILABLE',
  'FAILED',
  'ABANDONED',
  'EXPIRED',
] as const;

export type PlatformStatus = (typeof PLATFORM_STATUSES)[number];

/**
 * What a status means for a claim.
 * A status that is not documented means `inProgress`: it is waited out, and never abandoned on.
 */
export type Availability = 'inProgress' | 'available' | 'failed' | 'abandoned' | 'expired';

export function isDocumented(status: string): status is PlatformStatus {
  return (PLATFORM_STATUSES as readonly string[]).includes(status);
}

export function availabilityOf(status: string): Availability {
  if (!isDocumented(status)) return 'inProgress';
  switch (status) {
    case 'PROCESSING':
    case 'ARTIFACT_GATHERING_COMPLETE':
    case 'PACKING':
      return 'inProgress';
    case 'AVAILABLE':
      return 'available';
    case 'FAILED':
      return 'failed';
    case 'ABANDONED':
      return 'abandoned';
    case 'EXPIRED':
      return 'expired';
  }
}

/** Whether a status shows that the platform was told that it may delete its file. */
export function platformConfirmedAbandon(status: string): boolean {
  const availability = availabilityOf(status);
  return availability === 'abandoned' || availability === 'expired';
}
