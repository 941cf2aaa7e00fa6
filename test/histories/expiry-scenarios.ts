import { inTurn, POLICY, USUAL, type Script } from '../workflows/script';
import { EXPIRY, type Claim, type TimeLapse, type Watch } from '../workflows/time-lapse';
import { failing, HOUR } from '../workflows/turns';

const found = (verdict: string) => () => Promise.resolve(verdict);

/** A claim that has the expiry watched, and ways that the watch can go, each played to its end. */
export const EXPIRY_SCENARIOS: Readonly<Record<string, (lapse: TimeLapse) => Promise<Claim | Watch>>> = {
  'v2-abandoned-and-watched': async (lapse) =>
    ended(await lapse.claim({ policy: { ...POLICY, expiry: EXPIRY } })),
  'expiry-v1-closed': (lapse) => watched(lapse, {}),
  'expiry-v1-repaired': (lapse) =>
    watched(lapse, { recheckCopy: inTurn<unknown>(found('damaged'), found('whole')) }),
  'expiry-v1-attention-settled': (lapse) =>
    watched(lapse, {
      recheckCopy: inTurn<unknown>(found('whole'), found('damaged'), found('whole')),
      downloadAgain: failing('CopyDamaged'),
      awaitExpired: inTurn<unknown>(failing('AbandonUndone'), USUAL.awaitExpired),
    }),
  'expiry-v1-rechecked-by-hand': async (lapse) => {
    const watch = await lapse.watch({
      awaitExpired: inTurn<unknown>(failing('NotYetExpired', 240 * HOUR), USUAL.awaitExpired),
    });
    for (const hours of [1, 80]) {
      await lapse.sleep(hours * HOUR);
      await watch.signal('recheck');
    }
    return await ended(watch);
  },
};

async function watched(lapse: TimeLapse, script: Script): Promise<Watch> {
  return await ended(await lapse.watch(script));
}

async function ended<Workflow extends Claim | Watch>(workflow: Workflow): Promise<Workflow> {
  await workflow.result();
  return workflow;
}
