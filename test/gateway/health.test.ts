import { post, startTestGateway } from './gateway';

describe('the gateway', () => {
  it('lives while its process runs, whatever it needs', async () => {
    const gateway = await startTestGateway({ checks: { ledger: () => Promise.reject(new Error('MARKER')) } });
    const answer = await fetch(`${gateway.url}/livez`);
    expect(answer.status).toBe(200);
    await expect(answer.json()).resolves.toEqual({ status: 'ok' });
    await gateway.close();
  });

  it('is ready when everything it needs answers', async () => {
    const checks = { temporal: () => Promise.resolve(1), ledger: () => Promise.resolve() };
    const gateway = await startTestGateway({ checks });
    const answer = await fetch(`${gateway.url}/readyz`);
    expect(answer.status).toBe(200);
    await expect(answer.json()).resolves.toEqual({ status: 'ok', checks: { temporal: 'ok', ledger: 'ok' } });
    await gateway.close();
  });

  it('is not ready when something does not, and says what but not why', async () => {
    const checks = {
      temporal: () => Promise.reject(new Error('MARKER')),
      ledger: () => Promise.resolve(),
      store: () => {
        throw new Error('MARKER');
      },
    };
    const gateway = await startTestGateway({ checks });
    const answer = await fetch(`${gateway.url}/readyz`);
    expect(answer.status).toBe(503);
    await expect(answer.json()).resolves.toEqual({
      status: 'unavailable',
      checks: { temporal: 'unavailable', ledger: 'ok', store: 'unavailable' },
    });
    await gateway.close();
  });

  it('is not ready when something it needs is silent', async () => {
    const gateway = await startTestGateway({ checks: { ledger: () => new Promise<void>(() => undefined) } });
    const began = Date.now();
    const answer = await fetch(`${gateway.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(Date.now() - began).toBeLessThan(3_000);
    await gateway.close();
  });

  it.each(['/livez', '/readyz'])('tells %s to GET only', async (path) => {
    const gateway = await startTestGateway();
    expect((await post(gateway.url + path, {})).status).toBe(404);
    await gateway.close();
  });
});
