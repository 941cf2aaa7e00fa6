import type { ScheduleOptions } from '@temporalio/client';

/** A schedule of ours, as it should be. */
export type Schedule = Omit<ScheduleOptions, 'memo'> & { readonly action: { readonly workflowType: string } };
