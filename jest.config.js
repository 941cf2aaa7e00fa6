// Tests run in plain CommonJS through SWC. `postgrator` is published as an ES module only, which jest does not load:
// it is transformed like our own sources.
/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.(ts|js)$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!postgrator/)'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
