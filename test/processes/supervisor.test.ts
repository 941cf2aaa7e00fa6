import { setTimeout as pause } from 'node:timers/promises';
import { HopelessStart, startUntilReady } from '../../src/processes/child';
import { Supervisor, type Service, type ServiceEvent } from '../../src/processes/supervisor';
import { isRunning } from '../support/descendants';

/** A program that says that it is ready, and goes on until it is told to stop. */
const STAYS = `console.log('{"event":"ready"}'); setInterval(() => {}, 1000);`;
const TERMS = { shortestPause: 20, longestPause: 80, steadyAfter: 60_000, atOnce: 0, deaths: 5 };

let events: ServiceEvent[] = [];
let stopped: string[] = [];
const supervisors: Supervisor[] = [];

beforeEach(() => {
  events = [];
  stopped = [];
});
afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) await supervisor.stop().catch(() => undefined);
});

function supervise(terms: Partial<typeof TERMS> = {}): Supervisor {
  const supervisor = new Supervisor((event) => events.push(event), { ...TERMS, ...terms });
  supervisors.push(supervisor);
  return supervisor;
}

/** A service that runs a small program in Node.js; its stop is noted. */
function service(name: string, program: string, more: Partial<Service> = {}): Service {
  return {
    name,
    async start(signal) {
      const terms = { env: process.env, startLimitMs: 10_000, graceMs: 2_000, hopeless: [2] };
      const running = await startUntilReady(process.execPath, ['-e', program], terms, signal);
      const stop = async (): Promise<void> => {
        if (isRunning(running.pid)) stopped.push(name);
        await running.stop();
      };
      return { ...running, stop };
    },
    ...more,
  };
}

function pidsOf(name: string): number[] {
  return events.flatMap((event) => (event.event === 'started' && event.service === name ? [event.pid] : []));
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !what(); tries += 1) await pause(20);
  expect(what()).toBe(true);
}

async function kill(name: string): Promise<void> {
  const starts = pidsOf(name).length;
  process.kill(pidsOf(name).at(-1)!, 'SIGKILL');
  await until(() => pidsOf(name).length > starts);
}

it('the supervisor restarts a killed service, and reports how it ended', async () => {
  const supervisor = supervise();
  await supervisor.start(service('one', STAYS));
  await kill('one');
  expect(events).toEqual([
    { event: 'started', service: 'one', pid: expect.any(Number) as number },
    { event: 'ended', service: 'one', reason: 'was ended by SIGKILL', againInMs: 20 },
    { event: 'started', service: 'one', pid: expect.any(Number) as number },
  ]);
  expect(new Set(pidsOf('one')).size).toBe(2);
});

it('the supervisor returns a service that was ready, even if it has died since, and restarts it', async () => {
  const supervisor = supervise({ deaths: 1_000 });
  const short = service('one', `console.log('{"event":"ready"}');`);
  const start: Service['start'] = (signal) =>
    short.start(signal).then((running) => running.exited.then(() => running));
  expect(await supervisor.start({ name: 'one', start })).toMatchObject({ pid: pidsOf('one')[0] });
  await until(() => pidsOf('one').length >= 2);
});

it('the supervisor pauses longer each time, up to a limit', async () => {
  const supervisor = supervise();
  await supervisor.start(service('one', STAYS));
  for (let times = 0; times < 4; times += 1) await kill('one');
  expect(events.flatMap((event) => (event.event === 'ended' ? [event.againInMs] : []))).toEqual([
    20, 40, 80, 80,
  ]);
});

it('the supervisor resets the pause after a service has run for long enough', async () => {
  const supervisor = supervise({ steadyAfter: 200 });
  await supervisor.start(service('one', STAYS));
  for (let times = 0; times < 2; times += 1) await kill('one');
  await pause(250);
  await kill('one');
  expect(events.flatMap((event) => (event.event === 'ended' ? [event.againInMs] : []))).toEqual([20, 40, 20]);
});

it('the supervisor gives up a service that dies at once five times in a row, with its last output', async () => {
  const supervisor = supervise();
  const program = `console.error('no such volume'); process.exit(3);`;
  await expect(supervisor.start(service('one', program))).rejects.toThrow(
    /^one could not be kept running \(5 times in a row\): it ended with exit code 3 before it was ready:\nno such volume$/,
  );
  await expect(supervisor.failed).rejects.toThrow(/^one could not be kept running/);
  expect(events).toHaveLength(4);
});

it('the supervisor gives up a service that ends soon after it was ready five times in a row', async () => {
  const supervisor = supervise({ atOnce: 10_000 });
  await supervisor.start(
    service('one', `console.log('{"event":"ready"}'); console.error('lost'); process.exitCode = 4;`),
  );
  await expect(supervisor.failed).rejects.toThrow(
    'one could not be kept running (5 times in a row): ended with exit code 4. It said last:\n{"event":"ready"}\nlost',
  );
  expect(pidsOf('one')).toHaveLength(5);
});

it('the supervisor counts only consecutive deaths', async () => {
  const supervisor = supervise({ deaths: 3 });
  let starts = 0;
  const stays = service('one', STAYS);
  const start: Service['start'] = (signal) => {
    starts += 1;
    return starts % 3 === 0 ? stays.start(signal) : Promise.reject(new Error('not yet'));
  };
  await supervisor.start({ name: 'one', start });
  await kill('one');
  await kill('one');
  expect(starts).toBe(9);
});

it('the supervisor does not restart a hopeless service', async () => {
  const supervisor = supervise();
  await expect(supervisor.start(service('one', 'process.exit(2)'))).rejects.toThrow(
    /^one could not be kept running: it ended with exit code 2/,
  );
  expect(events).toEqual([]);
  const start = (): Promise<never> => Promise.reject(new HopelessStart('there is no such program'));
  await expect(supervisor.start({ name: 'two', start })).rejects.toThrow(
    /^two could not be kept running: there is no such program/,
  );
});

it('the supervisor restarts a service only once all its dependencies run', async () => {
  const supervisor = supervise();
  const order: string[] = [];
  const noting = (one: Service): Service => ({
    ...one,
    async start(signal) {
      const running = await one.start(signal);
      order.push(one.name);
      return running;
    },
  });
  const slow = `setTimeout(() => console.log('{"event":"ready"}'), 300); setInterval(() => {}, 1000);`;
  await supervisor.start(noting(service('base', slow)));
  await supervisor.start(noting(service('user', STAYS, { needs: ['base'] })));
  process.kill(pidsOf('base')[0]!, 'SIGKILL');
  await until(() => events.some(({ event, service: name }) => event === 'ended' && name === 'base'));
  process.kill(pidsOf('user')[0]!, 'SIGKILL');
  await until(() => order.length === 4);
  expect(order).toEqual(['base', 'user', 'base', 'user']);
});

it('the supervisor stops the services one by one in reverse order, and leaves none', async () => {
  const supervisor = supervise();
  for (const name of ['one', 'two', 'three']) await supervisor.start(service(name, STAYS));
  await Promise.all([supervisor.stop(), supervisor.stop()]);
  expect(stopped).toEqual(['three', 'two', 'one']);
  expect(events.flatMap((event) => ('pid' in event ? [event.pid] : [])).filter(isRunning)).toEqual([]);
  await pause(100);
  expect(events).toHaveLength(3);
});

it('the supervisor kills a service that does not stop within its grace period', async () => {
  const supervisor = supervise();
  await supervisor.start(service('one', `process.on('SIGTERM', () => {}); ${STAYS}`));
  await supervisor.stop();
  expect(isRunning(pidsOf('one')[0]!)).toBe(false);
}, 10_000);

it('the supervisor stops while a service waits for its restart', async () => {
  const supervisor = supervise({ shortestPause: 60_000, longestPause: 60_000 });
  await supervisor.start(service('one', STAYS));
  process.kill(pidsOf('one')[0]!, 'SIGKILL');
  await until(() => events.length === 2);
  await supervisor.stop();
});

it('the supervisor stops while a service is being started, and kills it', async () => {
  const supervisor = supervise();
  const never = `setInterval(() => {}, 1000);`;
  const starting = supervisor.start(service('one', never));
  const refused = expect(starting).rejects.toThrow('one was stopped');
  await pause(200);
  await supervisor.stop();
  await refused;
});
