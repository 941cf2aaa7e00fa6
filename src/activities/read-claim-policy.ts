import type { ClaimPolicy } from '../domain/claim';
import type { Dependencies } from './dependencies';

/** Gives a beginning claim what the configuration says, so that the claim keeps it however the configuration changes. */
export function createReadClaimPolicy({ settings }: Dependencies) {
  return function readClaimPolicy(): Promise<ClaimPolicy> {
    return Promise.resolve({ deadlineMs: settings.deadline, abandon: settings.abandon });
  };
}
