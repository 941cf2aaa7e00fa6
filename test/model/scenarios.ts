import type { Actor, BlindActor, ClaimActor, OrderActor, Scenario } from './actors';
import { A, ABANDONED_BY_OTHERS, ABSENT, B, GIVEN_UP, IN_PROGRESS, type Archive, type State } from './state';

const claim = (name: string, x: Archive, more: Partial<ClaimActor> = {}): Actor => ({
  type: 'claim',
  name,
  x,
  ...more,
});
const order = (name: string, x: Archive, more: Partial<OrderActor> = {}): Actor => ({
  type: 'order',
  name,
  x,
  ...more,
});
const fetcher = (name: string, more: Partial<BlindActor> = {}): Actor => ({
  type: 'fetcher',
  name,
  x: B,
  ...more,
});
const lister = (name = 'list', blind = false): Actor => ({ type: 'lister', name, blind });
const secure = (name: string): Actor => ({ type: 'secure', name, x: B });
const sweep: Actor = { type: 'sweep', name: 'sweep' };

/** Nothing is known of B, and the platform has none at first. */
const ALONE = { rows: [{}, undefined], platform: [{}, { status: ABSENT }] } as const;
const aIsTold = (s: State): boolean => s.rows[A]?.told === true;
const secondHasNotBegun = (s: State): boolean => s.actors[1]!.step === 0;

/** Each bounds what may happen at the same time; all orders of its steps are tried. */
export const SCENARIOS = {
  zombie: {
    rows: [{ secured: false }, undefined],
    platform: [{}, { status: ABSENT }],
    bags: [false, true],
    actors: [1, 2].map((attempt) => ({ type: 'verify', name: `verify.${attempt}`, x: A, attempt })),
  },
  'give up': { actors: [claim('claimA', A), order('giveUpA', A, { kind: GIVEN_UP }), sweep] },
  hold: { actors: [claim('claimA', A), order('holdB', B), sweep] },
  'B not secured': {
    rows: [{}, { secured: false }],
    actors: [claim('claimA', A), secure('claimB'), lister(), sweep],
  },
  'B failed': {
    rows: [{}, { secured: false, failed: true }],
    platform: [{}, { status: IN_PROGRESS }],
    events: [['ready', B]],
    actors: [claim('claimA', A), lister(), sweep],
  },
  fixity: {
    actors: [claim('claimA', A), { type: 'fixity', name: 'checkB', x: B }, order('holdB', B), sweep],
  },
  warning: {
    rows: [{}, { warned: true }],
    actors: [claim('claimA', A), { type: 'accept', name: 'acceptB', x: B }, sweep],
  },
  'copy only': {
    copyOnly: true,
    rows: [{}, undefined],
    platform: [{}, { status: ABSENT }],
    events: [['appears', B]],
    actors: [claim('claimA', A), { type: 'orderAbandon', name: 'abandon' }, lister(), sweep],
  },
  'copy only, two': {
    copyOnly: true,
    list: 0,
    rows: [{ wanted: true }, {}],
    actors: [claim('claimA', A), lister(), { type: 'orderAbandon', name: 'abandon' }, sweep],
  },
  forged: {
    ...ALONE,
    goal: aIsTold,
    from: secondHasNotBegun,
    without: 0,
    actors: [{ type: 'forger', name: 'stranger' }, claim('claimA', A), sweep],
  },
  'second flight': {
    ...ALONE,
    goal: aIsTold,
    from: secondHasNotBegun,
    without: 0,
    actors: [claim('claimA.1', A), claim('claimA.2', A, { attempt: 2 }), sweep],
  },
  joiner: {
    ...ALONE,
    events: [['appears', B]],
    actors: [claim('claimA', A), fetcher('claimB'), order('holdB', B), sweep],
  },
  'joiner after told': {
    ...ALONE,
    events: [
      ['stranger', A],
      ['appears', B],
    ],
    actors: [claim('claimA', A), fetcher('claimB'), order('holdB', B), sweep],
  },
  'unknown conference': {
    ...ALONE,
    events: [['appears', B]],
    actors: [claim('claimA', A), fetcher('claimB', { blind: true }), order('holdB', B), sweep],
  },
  restored: {
    rows: [{}, { secured: false, told: true, changedAt: 0 }],
    platform: [{}, { status: ABANDONED_BY_OTHERS }],
    events: [['restored', B]],
    actors: [claim('claimA', A), lister(), secure('secureB'), sweep],
  },
  'unknown row': {
    list: 2,
    rows: [{}, { conferences: 0, secured: false }],
    actors: [claim('claimA', A), fetcher('claimB'), secure('secureB'), order('holdB', B), sweep],
  },
  'list without conference': {
    list: 0,
    rows: [{}, undefined],
    actors: [claim('claimA', A), lister('list', true), order('holdB', B), sweep],
  },
  'list finds B': {
    list: 0,
    rows: [{}, undefined],
    actors: [claim('claimA', A), lister(), secure('claimB'), lister('list2'), sweep],
  },
  'B moves': {
    rows: [{}, { conferences: 2 }],
    platform: [{}, { conference: 1 }],
    events: [['moves', B]],
    actors: [claim('claimA', A), fetcher('claimB'), order('holdB', B), sweep],
  },
  'B moves, old list': {
    rows: [{}, { conferences: 2, secured: false }],
    platform: [{}, { conference: 1 }],
    events: [['moves', B]],
    actors: [lister(), fetcher('claimB'), claim('claimA', A), sweep],
  },
  'release, list': {
    ...ALONE,
    events: [['appears', B]],
    actors: [claim('claimA', A), order('holdA', A, { release: true }), lister(), sweep],
  },
  'somebody else': {
    events: [
      ['stranger', A],
      ['stranger', B],
    ],
    actors: [claim('claimA', A), order('holdB', B), sweep],
  },
  'two orders': {
    actors: [claim('claimA', A), order('holdB', B), order('giveUpA', A, { kind: GIVEN_UP }), sweep],
  },
  writers: { goal: () => true, actors: [claim('claimA', A), claim('claimB', B)] },
  locks: { list: 0, actors: [claim('claimA', A), claim('claimB', B), lister(), sweep] },
  'older run': {
    actors: [
      claim('run1', A),
      { type: 'newRun', name: 'start', x: A, run: 2 },
      claim('run2', A, { run: 2 }),
      order('holdA', A),
      sweep,
    ],
  },
  'two attempts': {
    actors: [claim('claimA.1', A), claim('claimA.2', A, { attempt: 2 }), order('holdB', B), sweep],
  },
  'two claims': { actors: [claim('claimA', A), claim('claimB', B), order('holdA', A), sweep] },
  'hold, release': {
    list: 2,
    actors: [claim('claimA', A), order('holdB', B, { release: true }), claim('claimB', B), sweep],
  },
} satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;
