import { bundleWorkflows } from '../support/workflow-code';

describe('the workflow bundle', () => {
  it('builds, so it uses no Node.js built-in, and contains no library except the SDK', async () => {
    const { code } = await bundleWorkflows();
    expect(code).toContain('claimArchive');
    expect(code).not.toMatch(/node_modules\/(?!@temporalio|long|protobufjs|ms|nexus-rpc)[a-z@]/);
  });
});
