import { availabilityOf } from '../../domain/statuses';
import { Refusal } from '../refusal';
import type { Archive } from './archive';
import { hasFile } from './course';

/**
 * Abandons those of the archives that are AVAILABLE. Doing so again is no error and has no effect.
 * @returns the archives whose status changed
 * @throws Refusal 404 where there is no archive, 409 where none has been AVAILABLE yet
 */
export async function abandon(archives: readonly Archive[]): Promise<readonly Archive[]> {
  if (archives.length === 0) throw new Refusal(404, 'There is no such archive.');
  if (!archives.some(({ status }) => hasFile(status)))
    throw new Refusal(409, 'The archive is not available yet.');
  const available = archives.filter(({ status }) => availabilityOf(status) === 'available');
  await Promise.all(available.map((archive) => archive.become('ABANDONED', 'abandon')));
  return available;
}
