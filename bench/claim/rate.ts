/** Runs `count` jobs, so many at a time, and gives how many end a second. */
export async function rateOf(
  count: number,
  atOnce: number,
  job: (index: number) => Promise<unknown>,
): Promise<number> {
  const begun = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await job(index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  return count / ((performance.now() - begun) / 1000);
}
