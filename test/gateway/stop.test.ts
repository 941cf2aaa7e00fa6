import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { selfSigned } from '../support/self-signed';
import { until } from '../e2e/until';
import { notification, PATH, post, startTestGateway } from './gateway';
import { closed } from './raw-http';
import { startWholeGateway } from './whole-gateway';

describe('a stopping gateway', () => {
  it('answers the requests that it accepted before', async () => {
    const gateway = await startTestGateway();
    let finish = (): void => undefined;
    gateway.intakeGives(() => new Promise((resolve) => (finish = () => resolve('accepted'))));
    const answering = gateway.post(notification());
    await until('the notification to be taken in', () => Promise.resolve(gateway.taken.length > 0));
    const closing = gateway.app.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    finish();
    const answer = await answering;
    expect(answer.status).toBe(202);
    await closing;
    await gateway.close();
  });

  it('reports that it stops, and accepts late notifications for the configured time', async () => {
    const gateway = await startWholeGateway({ listen: { drain: '1 second' } });
    const began = Date.now();
    const closing = gateway.close();
    const ready = await fetch(`${gateway.url}/readyz`, { headers: { connection: 'close' } });
    expect(ready.status).toBe(503);
    await expect(ready.json()).resolves.toMatchObject({ status: 'stopping' });
    const answer = await post(gateway.url + PATH, notification(), { connection: 'close' });
    await expect(answer.json()).resolves.toEqual({ status: 'accepted' });
    await closing;
    expect(Date.now() - began).toBeGreaterThanOrEqual(990);
    await expect(fetch(`${gateway.url}/livez`)).rejects.toThrow();
  });

  it('does not wait for incomplete requests over TLS', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'archivist-stop-'));
    const tls = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
    const { cert, key } = selfSigned('gateway');
    writeFileSync(tls.cert, cert);
    writeFileSync(tls.key, key);
    const gateway = await startWholeGateway({ listen: { tls } });
    expect(gateway.url).toBe(`https://127.0.0.1:${gateway.port}`);
    const socket = connect({ port: gateway.port, host: '127.0.0.1', ca: cert });
    socket.on('error', () => undefined).resume();
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.write(`POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{`);
    const began = Date.now();
    await gateway.close();
    expect(Date.now() - began).toBeLessThan(8_000);
    await closed(socket);
    rmSync(folder, { recursive: true });
  });
});
