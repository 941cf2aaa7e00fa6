import { createMetrics, startMetricsServer } from '../../src/gateway/metrics';
import { parseTenantId } from '../../src/domain/ids';

describe('the metrics', () => {
  it('are served at one path, and at an address of their own', async () => {
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

  it('show the queue as it is, measured once, and no value if the ledger fails', async () => {
    const { registry, showQueue } = createMetrics();
    let asked = 0;
    let isWell = true;
    showQueue({
      measureQueue() {
        asked += 1;
        return isWell ? Promise.resolve({ entries: 3, oldestSeconds: 4.5 }) : Promise.reject(new Error('x'));
      },
    });
    const well = await registry.metrics();
    expect(well).toContain('archivist_gateway_queue_entries 3\n');
    expect(well).toContain('archivist_gateway_queue_oldest_seconds 4.5\n');
    expect(asked).toBe(1);
    isWell = false;
    expect(await registry.metrics()).toContain('archivist_gateway_queue_entries Nan\n');
  });

  it('tell by how much the event loop was late, since they were last read', async () => {
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
