import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DOCUMENT } from './openapi-document';
import { SECRET } from './gateway';
import { HAS_SCHEMATHESIS, runSchemathesis } from './schemathesis';
import { startWholeGateway, type WholeGateway } from './whole-gateway';

/** All but QUERY, which a document of OpenAPI 3.1 has no words for: it cannot say that nothing is found by it. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

const SETTINGS = `
[phases.coverage]
unexpected-methods = ${JSON.stringify(METHODS)}

[generation]
max-examples = 20
`;

(HAS_SCHEMATHESIS ? describe : describe.skip)('the OpenAPI document, to schemathesis with all checks', () => {
  let gateway: WholeGateway;
  let folder: string;
  beforeAll(async () => {
    gateway = await startWholeGateway();
    folder = await mkdtemp(path.join(tmpdir(), 'archivist-schemathesis-'));
  });
  afterAll(async () => {
    await gateway.close();
    await rm(folder, { recursive: true });
  });

  async function run(parameters: string): Promise<string> {
    const configuration = path.join(folder, 'schemathesis.toml');
    await writeFile(configuration, parameters + SETTINGS);
    await runSchemathesis({ document: DOCUMENT, url: gateway.url, configuration, cwd: folder });
    return await gateway.metrics.registry.metrics();
  }

  it('matches the gateway for made-up secrets', async () => {
    const metrics = await run('');
    expect(metrics).toContain('reason="unknownSecret"');
    expect(metrics).not.toContain('outcome="accepted"');
    expect(metrics).not.toContain('reason="failed"');
  });

  it('matches the gateway for a known secret', async () => {
    const metrics = await run(`[parameters]\n"path.secret" = "${SECRET}"\n`);
    for (const outcome of ['accepted', 'duplicate', 'ignored'])
      expect(metrics).toContain(`outcome="${outcome}"`);
    expect(metrics).not.toContain('reason="failed"');
    expect(metrics).not.toContain('reason="unavailable"');
  });
});
