import { OVERRIDE_COOKIE, OVERRIDE_HEADER } from '../../overrides/override-fields.ts';
import type { Override } from '../../rollout/override.ts';
import type { ApiParts } from '../admin-parts.ts';
import { faultOf, refuseFaults } from '../members.ts';
import { describeOverride, judgeOverride, type LawfulOverride } from '../override-desk.ts';
import { Refusal } from '../problem.ts';
import type { BodyOf, Resource, Writing } from '../resource.ts';
import type { Standing } from '../standing.ts';

/** `/overrides`. */
export function createOverrideRoutes(parts: ApiParts, standing: () => Standing): readonly Resource[] {
  const { flags, overrides } = parts;
  const mint: Writing<BodyOf<'mintOverride'>> = async (request) => {
    const wish = judgeOverride(request, standing());
    if (overrides === undefined) {
      throw new Refusal('overrides-off', 'BANYAN_OVERRIDE_KEYS is not set, so no override can be signed.');
    }
    const { token, override } = sign(overrides, wish);
    const target = describeOverride(override.id, wish.sides, wish.account);
    // Nobody gets a token that is not in the audit.
    await flags.note({ action: 'mint-override', target }, wish.author);
    return {
      status: 201,
      body: {
        id: override.id,
        token,
        header: { name: OVERRIDE_HEADER, value: token },
        cookie: { name: OVERRIDE_COOKIE, value: token },
        sides: { ...override.sides },
        account: override.account ?? null,
        expiresAt: new Date(override.expiresAtMs).toISOString(),
      },
      noted: { action: 'mint-override', target },
    };
  };
  return [{ path: '/overrides', post: mint }];
}

function sign(
  overrides: NonNullable<ApiParts['overrides']>,
  { author: _, ...wish }: LawfulOverride,
): { readonly token: string; readonly override: Override } {
  try {
    return overrides.mint(wish);
  } catch (error) {
    // Each value is within its bounds; all together they are not.
    if (!(error instanceof RangeError)) throw error;
    refuseFaults([faultOf('sides', error.message)]);
    throw error;
  }
}
