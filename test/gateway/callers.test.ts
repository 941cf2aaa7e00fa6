import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createCallers } from '../../src/gateway/http/callers';
import { read, withTenant } from '../config/sample';
import { gatewayConfig } from './gateway';

describe('a configured secret in a file', () => {
  it('is exchanged without a restart, even while the ledger cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'archivist-callers-'));
    const file = join(folder, 'callback');
    const [older, newer] = ['older-callback-secret-0', 'newer-callback-secret-0'];
    await writeFile(file, older);
    const { tenants } = read(withTenant({ callbackSecrets: [`file:${file}`] }));
    const ledger = { listCallbackSecrets: () => Promise.reject(new Error('away')) };
    const callers = createCallers(tenants, ledger, pino({ level: 'silent' }), 10);
    expect(await callers.identify(older, '127.0.0.1')).toMatchObject({ tenant: 'mycompany' });
    await writeFile(file, newer);
    await callers.ready();
    expect(await callers.identify(newer, '127.0.0.1')).toMatchObject({ tenant: 'mycompany' });
    expect(await callers.identify(older, '127.0.0.1')).toBe('unavailable');
    callers.close();
    await rm(folder, { recursive: true });
  });
});

describe('an unknown secret', () => {
  it('is refused only after the ledger was read once; until then, the platform must retry', async () => {
    let isAway = true;
    const ledger = {
      listCallbackSecrets: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve([])),
    };
    const callers = createCallers(gatewayConfig().tenants, ledger, pino({ level: 'silent' }), 10);
    await callers.ready();
    expect(await callers.identify('unknown', '127.0.0.1')).toBe('unavailable');
    isAway = false;
    await callers.ready();
    expect(await callers.identify('unknown', '127.0.0.1')).toBe('unknownSecret');
    callers.close();
  });
});
