import { bundleWorkflows } from '../support/workflow-code';

describe('the workflow bundle', () => {
  it('builds, which no Node.js built-in would let it, and holds no library but the SDK', async () => {
    const { code } = await bundleWorkflows();
    expect(code).toContain('claimArchive');
    expect(code).not.toMatch(/node_modules\/(?!@temporalio|long|protobufjs|ms|nexus-rpc)[a-z@]/);
  });
});
