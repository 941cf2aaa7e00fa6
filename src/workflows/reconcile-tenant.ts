import { isTenantId } from '../domain/ids';
import type { ReconcileInput, ReconcileReport } from '../domain/reconciliation';
import { endWith, onItsOwn } from './failure-type';
import { step } from './policy';

/**
 * Compares the platform's list of archives with the ledger, and claims what nobody announced. A list of any length is read by one
 * activity, so that the history does not grow with it.
 *
 * @throws ApplicationFailure of type `InvalidInput`, `UnknownTenant`, or of what kept the activity from its end
 */
export async function reconcileTenant({ tenant }: ReconcileInput): Promise<ReconcileReport> {
  if (!isTenantId(tenant))
    throw endWith('InvalidInput', 'Expected {"tenant": "…"} with a name of letters, digits, "_" and "-".');
  try {
    const { reconcileArchives } = step('reconcileArchives', 'Compare the list with the ledger');
    return await reconcileArchives(tenant);
  } catch (error) {
    throw onItsOwn(error);
  }
}
