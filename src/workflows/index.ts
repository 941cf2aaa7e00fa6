export { claimArchive } from './claim-archive';
export { watchExpiry } from './watch-expiry';
