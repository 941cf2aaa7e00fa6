export { claimArchive } from './claim-archive';
export { reconcileTenant } from './reconcile-tenant';
export { watchExpiry } from './watch-expiry';
