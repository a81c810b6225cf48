import type { components } from '@banyan/openapi/generated/admin';

type Schemas = components['schemas'];

export type Route = Schemas['Route'];
export type BackendTraffic = Schemas['BackendTraffic'];
export type Flag = Schemas['Flag'];
export type FlagWish = Schemas['FlagWish'];
export type Stage = Schemas['Stage'];
export type Snapshot = Schemas['Snapshot'];
export type Changed = Schemas['Changed'];
export type AuditPage = Schemas['AuditPage'];
export type AuditEntry = Schemas['AuditEntry'];
export type Kill = Schemas['Kill'];
export type Killed = Schemas['Killed'];
export type Replicas = Schemas['Replicas'];
export type Replica = Schemas['Replica'];
export type Differences = Schemas['Differences'];
export type KeptDifference = Schemas['KeptDifference'];
export type Difference = Schemas['Difference'];
export type RedactedSide = Schemas['RedactedSide'];
export type MintedOverride = Schemas['MintedOverride'];
export type Side = Schemas['Side'];
export type Queue = Schemas['Queue'];
export type DeadLetters = Schemas['DeadLetters'];
export type DeadLetter = Schemas['DeadLetter'];
export type InspectedDeadLetter = Schemas['InspectedDeadLetter'];
export type DeadLettersSettled = Schemas['DeadLettersSettled'];
export type ProblemType = Schemas['Problem']['type'];
