export { claimArchive } from './claim-archive';
export { reconcileTenant } from './reconcile-tenant';
export { watchExpiry } from './watch-expiry';
export { rotateCallback } from './rotate-callback';
export {
  deleteSubscriptions,
  listSubscriptions,
  readReports,
  registerWebhook,
  retireDeleted,
  watchDeliveries,
} from './webhook-commands';
