/** What became of one attempt to deliver a notification. The real platform's fields are unknown. */
export interface Report {
  readonly archiveId: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly accepted: boolean;
  readonly statusCode: number | null;
  readonly error: string | null;
}
