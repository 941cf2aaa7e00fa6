import { parseTenantId } from '../../src/domain/ids';
import { createMetrics, startMetricsServer } from '../../src/gateway/metrics';
import { notification, post, startTestGateway } from './gateway';

describe('health', () => {
  describe('the gateway', () => {
    it('is alive while its process runs, whatever its dependencies do', async () => {
      const gateway = await startTestGateway({
        checks: { ledger: () => Promise.reject(new Error('MARKER')) },
      });
      const answer = await fetch(`${gateway.url}/livez`);
      expect(answer.status).toBe(200);
      await expect(answer.json()).resolves.toEqual({ status: 'ok' });
      await gateway.close();
    });

    it('is ready when all its dependencies answer', async () => {
      const checks = { temporal: () => Promise.resolve(1), ledger: () => Promise.resolve() };
      const gateway = await startTestGateway({ checks });
      const answer = await fetch(`${gateway.url}/readyz`);
      expect(answer.status).toBe(200);
      await expect(answer.json()).resolves.toEqual({
        status: 'ok',
        checks: { temporal: 'ok', ledger: 'ok' },
      });
      await gateway.close();
    });

    it.each(['temporal', 'ledger'])(
      'is ready without %s, as the other accepts notifications, and shows what is missing but not why',
      async (gone) => {
        const failing = () => Promise.reject(new Error('MARKER'));
        const checks = {
          temporal: () => Promise.resolve(1),
          ledger: () => Promise.resolve(),
          [gone]: failing,
        };
        const gateway = await startTestGateway({ checks });
        const answer = await fetch(`${gateway.url}/readyz`);
        expect(answer.status).toBe(200);
        await expect(answer.json()).resolves.toEqual({
          status: 'degraded',
          checks: { temporal: 'ok', ledger: 'ok', [gone]: 'unavailable' },
        });
        await gateway.close();
      },
    );

    it('is not ready without both', async () => {
      const checks = {
        temporal: () => Promise.reject(new Error('MARKER')),
        ledger: () => {
          throw new Error('MARKER');
        },
      };
      const gateway = await startTestGateway({ checks });
      const answer = await fetch(`${gateway.url}/readyz`);
      expect(answer.status).toBe(503);
      await expect(answer.json()).resolves.toEqual({
        status: 'unavailable',
        checks: { temporal: 'unavailable', ledger: 'unavailable' },
      });
      await gateway.close();
    });

    it('is not ready while it stops, but still accepts notifications', async () => {
      const gateway = await startTestGateway({
        checks: { ledger: () => Promise.resolve() },
        isStopping: () => true,
      });
      const answer = await fetch(`${gateway.url}/readyz`);
      expect(answer.status).toBe(503);
      await expect(answer.json()).resolves.toEqual({ status: 'stopping', checks: { ledger: 'ok' } });
      expect((await gateway.post(notification())).status).toBe(202);
      await gateway.close();
    });

    it('shares one check of each dependency among concurrent requests', async () => {
      let asked = 0;
      const ledger = async () => {
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      };
      const gateway = await startTestGateway({ checks: { ledger } });
      await Promise.all(Array.from({ length: 50 }, () => fetch(`${gateway.url}/readyz`)));
      expect(asked).toBeLessThan(5);
      await gateway.close();
    });

    it('is not ready when a dependency is silent', async () => {
      const gateway = await startTestGateway({
        checks: { ledger: () => new Promise<void>(() => undefined) },
      });
      const began = Date.now();
      const answer = await fetch(`${gateway.url}/readyz`);
      expect(answer.status).toBe(503);
      expect(Date.now() - began).toBeLessThan(3_000);
      await gateway.close();
    });

    it.each(['/livez', '/readyz'])('serves %s to GET and HEAD only', async (path) => {
      const gateway = await startTestGateway();
      const answer = await post(gateway.url + path, '{ no JSON', { 'content-type': 'text/nothing' });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
      await expect(answer.text()).resolves.toBe('{"error":"method not allowed"}');
      expect((await fetch(gateway.url + path, { method: 'HEAD' })).status).not.toBe(405);
      await gateway.close();
    });
  });
});

describe('the metrics', () => {
  it('are served at one path, and on a separate address', async () => {
    const { registry, rejected, secretUsed } = createMetrics();
    rejected('tooSlow');
    secretUsed({ tenant: parseTenantId('mycompany'), generation: 'configured-2' });
    const server = await startMetricsServer({ host: '127.0.0.1', port: 0 }, registry);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toContain('archivist_gateway_rejections_total{reason="tooSlow"} 1\n');
    expect(text).toContain(
      'archivist_gateway_secret_uses_total{tenant="mycompany",generation="configured-2"} 1\n',
    );
    for (const path of ['/', '/metrics/', '/callbacks/flexperto/x'])
      expect((await fetch(server.url + path)).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(404);
    await server.close();
  });

  it('measure the queue and the overdue sweeps, each once, and omit them if the ledger fails', async () => {
    const { registry, showLedger } = createMetrics();
    let asked = 0;
    let isWell = true;
    const tenant = parseTenantId('mycompany');
    const answer = <Measure>(measure: Measure): Promise<Measure> => {
      asked += 1;
      return isWell ? Promise.resolve(measure) : Promise.reject(new Error('x'));
    };
    showLedger(
      {
        measureQueue: () => answer({ entries: 3, oldestSeconds: 4.5 }),
        countOverdue: (tenants) =>
          answer(tenants.map((each) => ({ tenant: each, rechecks: 2, confirmations: 1 }))),
      },
      [tenant],
    );
    const well = await registry.metrics();
    expect(well).toContain('archivist_gateway_queue_entries 3\n');
    expect(well).toContain('archivist_gateway_queue_oldest_seconds 4.5\n');
    expect(well).toContain('archivist_gateway_rechecks_overdue{tenant="mycompany"} 2\n');
    expect(well).toContain('archivist_gateway_confirmations_overdue{tenant="mycompany"} 1\n');
    expect(asked).toBe(2);
    isWell = false;
    const silent = await registry.metrics();
    expect(silent).toContain('archivist_gateway_queue_entries Nan\n');
    expect(silent).not.toContain('overdue{');
  });

  it('show the event loop delay since the last scrape', async () => {
    const { registry } = createMetrics();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const busyUntil = performance.now() + 1_000;
    while (performance.now() < busyUntil);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await longest()).toBeGreaterThan(0.9);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await longest()).toBeLessThan(0.9);

    async function longest(): Promise<number> {
      const shown = /event_loop_delay_seconds\{quantile="1"\} (\S+)/.exec(await registry.metrics());
      return Number(shown?.[1]);
    }
  });
});
