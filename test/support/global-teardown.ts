/** Ends what `global-setup.ts` began. */
export default async function tearDown(): Promise<void> {
  await Promise.all([globalThis.postgresOfAllTests?.close(), globalThis.temporalOfAllTests?.stop()]);
}
