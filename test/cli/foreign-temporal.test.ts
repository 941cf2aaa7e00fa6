import { ServiceError } from '@temporalio/client';
import {
  forAdministrator,
  registerSearchAttributes,
  requireSearchAttributes,
} from '../../src/temporal/register-search-attributes';
import { startGateway } from '../../src/gateway/server';
import { createMetrics } from '../../src/gateway/metrics';
import { createClient } from '../../src/temporal/connect';
import { gatewayConfig, memoryLog } from '../gateway/gateway';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../e2e/until';
import { openCommandSite, type CommandSite } from './command-site';

describe('a Temporal server that somebody else manages', () => {
  let site: CommandSite;
  let bare: TestTemporal;
  beforeAll(async () => {
    site = await openCommandSite();
    bare = await testTemporal(false);
  });
  afterAll(async () => {
    await bare.close();
    await site.close();
  });

  /** What the server answers a client that may not do something. */
  async function denial(): Promise<Error> {
    const { workflowService } = bare.client;
    const refused: unknown = await workflowService
      .describeNamespace({ namespace: 'nobody' })
      .catch((e: unknown) => e);
    const cause = Object.assign(refused as Error, { code: 7 });
    return new ServiceError('denied', { cause });
  }

  async function denying(method: 'listSearchAttributes' | 'addSearchAttributes') {
    const error = await denial();
    return jest.spyOn(bare.client.connection.operatorService, method).mockRejectedValue(error);
  }

  it('may hide its search attributes: worker and setup continue, and list the required ones', async () => {
    const spy = await denying('listSearchAttributes');
    await expect(requireSearchAttributes(bare.client)).resolves.toBe(false);
    await expect(registerSearchAttributes(bare.client)).resolves.toEqual({
      registered: [],
      lacking: 'unknown',
    });
    expect(forAdministrator(bare.client, 'unknown')).toMatch(
      /ArchivistState \(keyword\).*ArchivistDeadline \(datetime\)/,
    );
    spy.mockRestore();
  });

  it('may refuse new search attributes: setup lists name and type of the missing ones', async () => {
    const spy = await denying('addSearchAttributes');
    const { registered, lacking } = await registerSearchAttributes(bare.client);
    expect(registered).toEqual([]);
    expect(forAdministrator(bare.client, lacking)).toContain('ArchivistState (keyword)');
    spy.mockRestore();
  });

  it('without the namespace makes the gateway report that at once, also in its readiness', async () => {
    const client = createClient({
      connectionOptions: { address: bare.address },
      namespace: 'no-such-namespace',
    });
    const { log, text } = memoryLog();
    const config = gatewayConfig(undefined, { gateway: { host: '127.0.0.1', port: 0 } });
    const gateway = await startGateway({
      config,
      client,
      ledger: site.ledger,
      metrics: createMetrics(),
      log,
    });
    await until('the gateway to say it', () =>
      Promise.resolve(text().includes('Temporal has no such namespace')),
    );
    await expect((await fetch(`${gateway.url}/readyz`)).json()).resolves.toMatchObject({
      checks: { temporal: 'unavailable' },
    });
    expect(text().split('no such namespace')).toHaveLength(2);
    await gateway.close();
    await client.connection.close();
  });

  it('without the namespace makes setup fail with a message that names it', async () => {
    site.environment['TEMPORAL_NAMESPACE'] = 'no-such-namespace';
    const { message } = await site.refused('setup');
    site.environment['TEMPORAL_NAMESPACE'] = site.temporal.namespace;
    expect(message).toContain('no-such-namespace');
  });

  it.each(['127.0.0.1:1', 'temporal.invalid:7233'])(
    'at the wrong address %s is reported within 5 seconds',
    async (address) => {
      const { TEMPORAL_ADDRESS } = site.environment;
      site.environment['TEMPORAL_ADDRESS'] = address;
      const began = performance.now();
      const { message } = await site.refused('reconcile');
      site.environment['TEMPORAL_ADDRESS'] = TEMPORAL_ADDRESS;
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(message).toBe(
        `Temporal does not answer at ${address}: is it running, and is TEMPORAL_ADDRESS right?`,
      );
    },
  );
});
