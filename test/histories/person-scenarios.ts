import { setTimeout as pause } from 'node:timers/promises';
import { decide, extendDeadline, hold, progress, release } from '../../src/workflows/messages';
import { inTurn, POLICY, USUAL } from '../workflows/script';
import type { Claim, TimeLapse } from '../workflows/time-lapse';
import { available, DAY, failing, Gate, HOUR, MINUTE, untilItCancels } from '../workflows/turns';

const by = 'jane';
const notYet = failing('NotYetAvailable', DAY);

/** Ways of a claim in which a person takes part, or should, each played to its end. */
export const PERSON_SCENARIOS: Readonly<Record<string, (lapse: TimeLapse) => Promise<Claim>>> = {
  'v2-three-bad-copies': (lapse) =>
    toItsEnd(
      lapse.claim({
        verifyCopy: inTurn<unknown>(...times(3, failing('ChecksumMismatch')), USUAL.verifyCopy),
      }),
    ),
  'v2-not-downloadable': (lapse) =>
    toItsEnd(
      lapse.claim({ downloadArchive: inTurn<unknown>(failing('NotDownloadable'), USUAL.downloadArchive) }),
    ),
  'v2-key-refused-for-hours': (lapse) =>
    toItsEnd(
      lapse.claim({
        downloadArchive: inTurn<unknown>(
          ...times(40, failing('CredentialsRejected', MINUTE)),
          USUAL.downloadArchive,
        ),
        awaitAdmission: inTurn<unknown>(
          ...times(9, failing('CredentialsRejected', MINUTE)),
          USUAL.awaitAdmission,
        ),
      }),
    ),
  'v2-abandon-ordered': (lapse) =>
    toItsEnd(lapse.claim({ policy: { ...POLICY, abandon: false } }, { abandonBy: by })),
  'v2-accepted-without-checksum': async (lapse) => {
    const claim = lapse.claim({ awaitAvailable: inTurn<unknown>(failing('ChecksumMissing'), available) });
    await untilState(await claim, 'attention');
    await (await claim).executeUpdate(decide, { args: [{ choice: 'acceptWithoutChecksum', by }] });
    return await toItsEnd(claim);
  },
  'v2-given-up': async (lapse) => {
    const claim = lapse.claim({ awaitAvailable: notYet });
    await (await claim).executeUpdate(decide, { args: [{ choice: 'giveUp', by }] });
    return await toItsEnd(claim);
  },
  'v2-extended': async (lapse) => {
    const claim = lapse.claim({
      policy: { ...POLICY, deadlineMs: HOUR },
      awaitAvailable: inTurn(notYet, available),
    });
    await (await claim).executeUpdate(extendDeadline, { args: [{ ms: 2 * DAY, by }] });
    return await toItsEnd(claim);
  },
  'v2-held-and-released': async (lapse) => {
    const claim = lapse.claim({ policy: { ...POLICY, deadlineMs: HOUR } });
    await (await claim).executeUpdate(hold, { args: [{ by }] });
    await lapse.sleep(2 * DAY);
    await (await claim).executeUpdate(release, { args: [{ by }] });
    return await toItsEnd(claim);
  },
  'v2-held-from-its-start': async (lapse) => {
    const held = { by, since: '2026-01-01T00:00:00.000Z' };
    const claim = lapse.claim({ policy: { ...POLICY, held } });
    await untilState(await claim, 'secured');
    await (await claim).executeUpdate(release, { args: [{ by }] });
    return await toItsEnd(claim);
  },
  'v2-held-too-late': async (lapse) => {
    const gate = new Gate();
    const claim = lapse.claim({ abandonArchive: () => gate.pass() });
    await gate.reached();
    const order = (await claim).executeUpdate(hold, { args: [{ by }] }).catch(() => undefined);
    await untilItCancels(await claim);
    gate.open();
    await order;
    return await toItsEnd(claim);
  },
};

async function toItsEnd(starting: Promise<Claim>): Promise<Claim> {
  const claim = await starting;
  await claim.result().catch(() => undefined);
  return claim;
}

async function untilState(claim: Claim, state: string): Promise<void> {
  while ((await claim.query(progress)).state !== state) await pause(10);
}

function times<Turn>(count: number, turn: Turn): Turn[] {
  return Array.from({ length: count }, () => turn);
}
