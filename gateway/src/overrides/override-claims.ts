import type { Override, Side } from '../rollout/override.ts';

/** How long an override may live from when it is made. */
export const OVERRIDE_LIFETIME_MAX_MS = 86_400_000;
/** How far the clocks of replicas may be apart. An override ends when its time is over all the same. */
const SKEW_MS = 5_000;
const SIDES_MAX = 100;
const NAME_LENGTH_MAX = 200;
const CLAIMS = new Set(['jti', 'iat', 'exp', 'sides', 'sub']);

export type ParsedClaims =
  | { readonly override: Override; readonly fault?: undefined }
  /** A sentence's end. */
  | { readonly override?: undefined; readonly fault: string };

/**
 * Reads the claims of a token whose signature is good: `jti`, `exp` and `sides` are required, `iat` and `sub` may be
 * there, and nothing else may. Whether the time is over is for whoever uses it to say, each time.
 */
export function parseClaims(claims: Readonly<Record<string, unknown>>, nowMs: number): ParsedClaims {
  const { jti, iat, exp, sides, sub } = claims;
  const unknown = Object.keys(claims).find((name) => !CLAIMS.has(name));
  if (unknown !== undefined) return { fault: `has a claim that none has, ${shown(unknown)}` };
  if (!isName(jti)) return { fault: `must have a jti of 1 to ${NAME_LENGTH_MAX} characters` };
  if (!isSeconds(exp)) return { fault: 'must have an exp, in whole seconds' };
  if (exp * 1_000 > nowMs + OVERRIDE_LIFETIME_MAX_MS + SKEW_MS) {
    return { fault: 'must not live for longer than a day' };
  }
  if (iat !== undefined && (!isSeconds(iat) || iat > exp || iat * 1_000 > nowMs + SKEW_MS)) {
    return { fault: 'must not be made in the future, nor after its end' };
  }
  if (sub !== undefined && !isName(sub)) return { fault: 'must have an account as its sub, or none' };
  const read = readSides(sides);
  if (typeof read === 'string') return { fault: read };
  const override: Override = {
    id: jti,
    sides: read,
    ...(sub === undefined ? {} : { account: sub }),
    expiresAtMs: exp * 1_000,
  };
  return { override: Object.freeze(override) };
}

/** Without a prototype: an operation may be called `constructor`. */
function readSides(value: unknown): Readonly<Record<string, Side>> | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'must have an object as its sides';
  const entries = Object.entries(value);
  if (entries.length > SIDES_MAX) return `must name at most ${SIDES_MAX} sides`;
  const sides: Record<string, Side> = Object.create(null);
  for (const [name, side] of entries) {
    if (!isName(name)) return `must name operations and carve-outs by 1 to ${NAME_LENGTH_MAX} characters`;
    if (side !== 'monolith' && side !== 'service') {
      return `must have "monolith" or "service" as the side of ${shown(name)}`;
    }
    sides[name] = side;
  }
  return Object.freeze(sides);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= NAME_LENGTH_MAX;
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

const shown = (name: string): string => JSON.stringify(name.slice(0, NAME_LENGTH_MAX));
