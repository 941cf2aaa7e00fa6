import { sendAbandon, startHostilePlatform, type HostilePlatform } from './hostile-platform';

describe('an abandon', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());

  it.each([301, 302, 303, 307, 308])('is not sent anywhere else (%i)', async (status) => {
    server.reset();
    server.answerWith((_, response) => response.writeHead(status, { location: '/MARKER' }).end());
    await expect(sendAbandon(server.client())).resolves.toEqual({ outcome: 'open' });
    expect(server.seen).toHaveLength(1);
  });

  it.each([408, 499, 500, 503])('may still take effect after %i', async (status) => {
    server.answerWith((_, response) => response.writeHead(status, { 'retry-after': '7' }).end());
    await expect(sendAbandon(server.client())).resolves.toEqual({ outcome: 'open', retryAfterMs: 7_000 });
  });

  it.each([400, 404, 409, 410, 422, 429])('has no effect after %i', async (status) => {
    server.answerWith((_, response) => response.writeHead(status).end('MARKER body'));
    const answer = await sendAbandon(server.client());
    expect(answer).toMatchObject({ outcome: 'refused', failure: { type: 'AbandonUnconfirmed' } });
    expect(JSON.stringify(answer)).not.toContain('MARKER');
  });

  it.each([401, 403])('is refused with the API key (%i)', async (status) => {
    server.answerWith((_, response) => response.writeHead(status).end());
    await expect(sendAbandon(server.client())).resolves.toMatchObject({
      outcome: 'refused',
      failure: { type: 'CredentialsRejected' },
    });
  });
});
