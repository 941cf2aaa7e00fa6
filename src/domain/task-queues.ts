/** The two task queues, so that a fleet can scale transfers and orchestration separately. */
export const TASK_QUEUES = {
  /** Workflows and short activities. */
  claims: 'archivist',
  /** Activities that move or read whole archives. */
  transfers: 'archivist-transfers',
} as const;
