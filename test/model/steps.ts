import { claim } from './claim';
import { fail, unlock, type Context } from './context';
import { fetcher, lister, sweep } from './readers';
import { ONE_STATEMENT } from './single-statements';
import { verify } from './verify';
import { order } from './order';
import {
  ABANDONED,
  ABANDONED_BY_OTHERS,
  ABSENT,
  ARCHIVES,
  AVAILABLE,
  bit,
  DEAD,
  END,
  HELD,
  IN_PROGRESS,
  nameOf,
  type State,
} from './state';

/** All steps that lead on from a state. */
export function takeSteps(c: Context): void {
  const { s, scenario, rules } = c;
  scenario.actors.forEach((actor, i) => {
    const me = s.actors[i]!;
    if (me.step >= END) return;
    switch (actor.type) {
      case 'claim':
        claim(c, i, actor, me);
        break;
      case 'order':
        order(c, i, actor, me);
        break;
      case 'sweep':
        sweep(c, i, me);
        break;
      case 'lister':
        lister(c, i, actor, me);
        break;
      case 'fetcher':
        fetcher(c, i, actor, me);
        break;
      case 'verify':
        verify(c, i, actor, me);
        break;
      case 'newRun':
        ONE_STATEMENT.newRun(c, i, actor);
        break;
      case 'secure':
      case 'fixity':
      case 'accept':
        ONE_STATEMENT[actor.type](c, i, actor);
        break;
      case 'forger':
      case 'orderAbandon':
        ONE_STATEMENT[actor.type](c, i);
        break;
    }
    if (!c.isHolding(i) && !(rules.resolve === 'dead' && actor.type === 'claim' && me.step > 0)) return;
    c.happen(
      `${actor.name} dies, or the server ends its transaction`,
      (next) => {
        unlock(next, i);
        next.actors[i] = { step: DEAD, conference: 0, members: 0, told: 0, value: 0 };
      },
      rules.killIdle && c.isHolding(i),
    );
  });
  takeEffect(c);
  takeEvents(c);
}

/** What the platform does about the requests that it got, and time. */
function takeEffect(c: Context): void {
  const { s, rules } = c;
  s.flights.forEach((flight, k) => {
    if (flight.sent && !flight.refused && (!flight.settled || rules.late))
      for (const x of ARCHIVES) {
        const { status, conference } = s.platform[x];
        if (status !== AVAILABLE || conference !== flight.conference) continue;
        c.happen(`platform: request ${k} makes ${nameOf(x)} ABANDONED`, (next) => {
          if ((flight.covers & bit(x)) === 0)
            fail(
              'I1',
              `${nameOf(x)} abandoned by a request that was authorised while ${nameOf(x)} was unsafe`,
            );
          const answer = s.answers[x];
          if (answer !== 0)
            fail(
              'I2',
              `${nameOf(x)} abandoned after a person was answered "${answer === HELD ? 'held' : 'given up'}"`,
            );
          next.platform[x].status = ABANDONED;
        });
      }
    if (!flight.settled && rules.settling)
      c.happen(
        `time: the settling time of flight ${k} is over`,
        (next) => {
          next.flights[k]!.settled = true;
        },
        true,
      );
  });
}

function takeEvents(c: Context): void {
  const { s, scenario } = c;
  scenario.events?.forEach(([what, x], k) => {
    if ((s.events & bit(k)) === 0) return;
    const { status } = s.platform[x];
    const event = (label: string, change: (shown: State['platform'][0]) => void) =>
      c.happen(`platform: ${label} ${nameOf(x)}`, (next) => {
        next.events &= ~bit(k);
        change(next.platform[x]);
      });
    if (what === 'appears' && status === ABSENT)
      event('there appears', (shown) => (shown.status = AVAILABLE));
    if (what === 'stranger' && status === AVAILABLE)
      event('somebody else abandons', (shown) => (shown.status = ABANDONED_BY_OTHERS));
    if (what === 'restored' && status === ABANDONED_BY_OTHERS)
      event('restored is', (shown) => (shown.status = AVAILABLE));
    if (what === 'ready' && status === IN_PROGRESS)
      event('AVAILABLE now is', (shown) => (shown.status = AVAILABLE));
    if (what === 'moves' && status === AVAILABLE && s.answers[x] === 0)
      event('another conference has', (shown) => (shown.conference = 1 - shown.conference));
  });
}
