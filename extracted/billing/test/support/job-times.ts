import type { JobTimes } from '@banyan/service-kit/jobs/jobs';

export const JOB_TIMES: JobTimes = { lockMs: 1_500, lookForStalledMs: 500, limits: { leaseMs: 1_500 } };
