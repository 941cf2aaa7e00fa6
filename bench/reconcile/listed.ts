/** Archives of a list that the platform still has; the others EXPIRED. */
export const AVAILABLE = 1_000;

export function archiveIdOf(index: number): string {
  return `archive-${String(index).padStart(8, '0')}`;
}

/** They are spread over the list. */
export function isAvailable(index: number, records: number): boolean {
  return index % Math.ceil(records / AVAILABLE) === 0;
}
