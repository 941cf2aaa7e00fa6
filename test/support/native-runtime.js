require('tsx/cjs');
const { default: Runtime } = require('jest-runtime');

/**
 * Loads test files with the `require` of Node.js, into its own realm. What they import is loaded once for each of jest's workers;
 * jest's own runtime loads it again for each test file.
 */
module.exports = class NativeRuntime extends Runtime {
  requireModule(path) {
    globalThis.jest = this.requireModuleOrMock(path, '@jest/globals').jest;
    return requireAnew(path);
  }

  requireInternalModule(path) {
    return requireAnew(path);
  }

  // Jest would replace the real `process.getBuiltinModule`.
  installGetBuiltinModule() {}
};

/** Jest asks for test files, and for the part of jest-circus that keeps the tests of one file: both must run again for each file. */
function requireAnew(path) {
  delete require.cache[path];
  return require(path);
}
