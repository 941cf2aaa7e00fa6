import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SECRET } from './gateway';
import { HAS_SCHEMATHESIS, runSchemathesis } from './schemathesis';
import { startWholeGateway, type WholeGateway } from './whole-gateway';

jest.setTimeout(300_000);

const DOCUMENT = path.resolve(__dirname, '../../docs/openapi.yaml');
/** Requests for each operation. */
const EXAMPLES = Number(process.env['ARCHIVIST_TEST_REQUESTS'] ?? 40);

(HAS_SCHEMATHESIS ? describe : describe.skip)('the OpenAPI document, to schemathesis, with all checks', () => {
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

  it.each([
    ['a secret that is known', `[parameters]\n"path.secret" = "${SECRET}"\n`],
    ['secrets that are made up', ''],
  ])('is what the gateway does, with %s', async (_, parameters) => {
    const configuration = path.join(folder, 'schemathesis.toml');
    await writeFile(configuration, `${parameters}\n[generation]\nmax-examples = ${EXAMPLES}\n`);
    const { code, output } = await runSchemathesis(DOCUMENT, gateway.url, configuration, folder);
    expect({ code, output }).toEqual({ code: 0, output });
    expect(await gateway.metrics.registry.metrics()).not.toContain('reason="failed"');
  });
});
