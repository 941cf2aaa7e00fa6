import type { Config } from '../config/load-config';
import { createPlatforms } from '../platform/create-platform';
import type { PlatformOf } from '../platform/create-platform';

/** Opens the platforms of all tenants for as long as `work` takes. */
export async function withPlatforms<Result>(
  { tenants }: Config,
  work: (platformOf: PlatformOf) => Promise<Result>,
): Promise<Result> {
  const platforms = createPlatforms(tenants);
  try {
    return await work(platforms.platformOf);
  } finally {
    await platforms.close();
  }
}
