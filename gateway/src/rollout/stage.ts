/** Where an operation's traffic goes. */
export const STAGES = ['monolith', 'shadow', 'canary', 'service'] as const;
export type Stage = (typeof STAGES)[number];

/** Which side's database may write an aggregate; `nobody` while it is being copied. */
export const OWNERS = ['monolith', 'service', 'nobody'] as const;
export type Owner = (typeof OWNERS)[number];

/**
 * What a service reads while the monolith owns. `shared`: the monolith's tables, by a read-only role. `followed`:
 * its own copy, kept up to date. `none`: nothing.
 */
export const SERVICE_DATA = ['shared', 'followed', 'none'] as const;
export type ServiceData = (typeof SERVICE_DATA)[number];
