const { ModuleMocker } = require('jest-mock');

const { console, process } = globalThis;
const { exit } = process;

/** The realm of Node.js itself, for `native-runtime.js`: jest replaces some of it for each test file, and this takes that back. */
module.exports = class NativeEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;
  fakeTimersModern = null;

  async setup() {
    // Jest maps only the stacks of files that it has transformed itself. Node.js has the source maps of tsx.
    Error.prepareStackTrace = undefined;
  }

  async teardown() {
    globalThis.console = console;
    process.exit = exit;
    // The listeners of jest-circus and the argument of `jest.setTimeout` would hold for the next test file, too.
    for (const name of ['EVENT_HANDLERS', 'TEST_TIMEOUT_SYMBOL']) delete globalThis[Symbol.for(name)];
  }

  getVmContext() {
    return null;
  }
};
