import { startSimulator, type Simulator } from '../../src/simulator';
import { matching, STRING } from './matchers';
import { ask } from './platform-access';

const CORRECT = 'communication.archives.archive.available';
const MISSPELT = 'communciation.archives.archive.available';
const URL = 'https://hooks.example.com/callbacks/flexperto/secret';

describe('subscriptions', () => {
  let simulator: Simulator;

  beforeEach(async () => (simulator = await startSimulator()));
  afterEach(() => simulator.close());

  test.each([
    ['/notificationssubscriptions/notificationssubscriptions/webhook', MISSPELT],
    ['/subscriptions/subscriptions/webhook', CORRECT],
  ])('are registered at %s', async (path, topic) => {
    const { status, json } = await ask(simulator, 'POST', path, { topic, audience: '*', url: URL });

    expect(status).toBe(201);
    const subscription = json();
    expect(subscription).toEqual({ subscriptionId: STRING, topic, audience: '*', url: URL });
    const listed = await ask(simulator, 'GET', '/subscriptions/subscriptions');
    expect(listed.list()).toEqual([subscription]);
  });

  test.each([
    ['topic', { topic: 'communication.archives.archive.lost', url: URL }],
    ['url', { topic: CORRECT, url: 'ftp://hooks.example.com/x' }],
    ['url', { topic: CORRECT }],
    ['body', undefined],
  ])('with an invalid %s are refused, and the error names it', async (field, body) => {
    const { status, json } = await ask(simulator, 'POST', '/subscriptions/subscriptions/webhook', body);

    expect(status).toBe(400);
    expect(json()).toMatchObject({ message: matching(field) });
  });

  test('can be deleted once', async () => {
    const body = { topic: CORRECT, url: URL };
    const registered = await ask(simulator, 'POST', '/subscriptions/subscriptions/webhook', body);
    const path = `/subscriptions/subscriptions/${String(registered.json()['subscriptionId'])}`;

    expect((await ask(simulator, 'GET', `${path}/reports`)).json()).toEqual([]);
    expect((await ask(simulator, 'DELETE', path)).status).toBe(204);
    expect((await ask(simulator, 'DELETE', path)).status).toBe(404);
    expect((await ask(simulator, 'GET', `${path}/reports`)).status).toBe(404);
  });
});

describe('the api-key', () => {
  let simulator: Simulator;

  beforeEach(async () => (simulator = await startSimulator({ apiKey: 'right' })));
  afterEach(() => simulator.close());

  test.each(['wrong', 'right '.repeat(2), ''])('is refused if it is "%s"', async (apiKey) => {
    const { status, json } = await ask({ url: simulator.url, apiKey }, 'GET', '/conferences/archives');

    expect(status).toBe(401);
    expect(json()).toEqual({ statusCode: 401, message: 'The header api-key is missing or wrong.' });
  });

  test('is required at every path of the platform', async () => {
    for (const path of ['/conferences/archives', '/archives/archives/a1', '/nothing']) {
      expect((await fetch(`${simulator.url}/api/v2/communication${path}`)).status).toBe(401);
    }
    expect((await ask(simulator, 'GET', '/nothing')).status).toBe(404);
  });
});
