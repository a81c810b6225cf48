export type ProcessIdentity = { pid: number; startedAt: string };
export function readProcessIdentity(pid: number): ProcessIdentity | null;
export function isSameProcess(identity: ProcessIdentity): boolean;
