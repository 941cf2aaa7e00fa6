import type { FaultRule } from '../../../src/simulator';
import { abandonsOf } from '../evidence';
import type { Overcome } from '../in-spite-of';
import { ONE_AS_IT_IS, withStatus } from './record-rules';

/** What becomes of an abandon. */
export const ABANDONS: Readonly<Record<string, Overcome>> = {
  'that takes effect and is answered with an error: it is not sent again': sent([true], undefined, {
    fault: 'status',
    endpoint: 'abandon',
    statusCode: 500,
    afterEffect: true,
    times: 1,
  }),
  'that takes effect while the connection breaks: it is not sent again': sent([true], undefined, {
    fault: 'hangUp',
    endpoint: 'abandon',
    afterEffect: true,
    times: 1,
  }),
  'that is accepted without effect: it is sent again': sent([false, true], 'AbandonUnconfirmed', {
    fault: 'noEffect',
    times: 1,
  }),
  'whose conference the record corrected after the copy was secured': {
    archive: { faults: [{ fault: 'otherConference', times: 1 }] },
  },
  'before which the status goes back: it is sent when that is over': sent(
    [true],
    'AbandonUnconfirmed',
    ONE_AS_IT_IS,
    withStatus('PACKING'),
  ),
  'before which the status is one that nobody knows: it is sent when that is over': sent(
    [true],
    'AbandonUnconfirmed',
    ONE_AS_IT_IS,
    withStatus('SOMETHING_NEW'),
  ),
};

/** The step fails once, or not at all; the abandons that reach the platform have these effects. */
function sent(effects: readonly boolean[], failure: string | undefined, ...faults: FaultRule[]): Overcome {
  return {
    archive: { faults },
    failures: failure === undefined ? [] : [`abandonArchive: ${failure}`],
    way: async ({ site, claim }) => {
      const abandons = await abandonsOf(site, claim);
      expect(abandons.map(({ effect }) => effect ?? false)).toEqual(effects);
    },
  };
}
