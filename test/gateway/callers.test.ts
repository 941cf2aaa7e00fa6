import pino from 'pino';
import { createCallers } from '../../src/gateway/http/callers';
import { gatewayConfig } from './gateway';

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
