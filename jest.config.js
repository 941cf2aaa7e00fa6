// For `globalSetup`; tests get theirs in `native-runtime.js`.
require('tsx/cjs');

/** @type {import('jest').Config} */
module.exports = {
  runtime: '<rootDir>/test/support/native-runtime.js',
  testEnvironment: '<rootDir>/test/support/native-environment.js',
  transform: {},
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // A machine may be busy with other tests: this only ends what hangs.
  testTimeout: 180_000,
};
