import type { KeptDifference as ShownDifference } from '@banyan/openapi/generated/admin';
import type { KeptDifference } from '../../shadow/shadow.ts';
import type { ApiParts } from '../admin-parts.ts';
import type { BodyOf, Reading, Resource } from '../resource.ts';
import { findRead, type Standing } from '../standing.ts';

/** `/differences/{operationId}`. */
export function createDifferenceRoutes({ shadow }: ApiParts, standing: () => Standing): readonly Resource[] {
  const show: Reading<BodyOf<'getDifferences'>> = {
    answer: ({ params }) => {
      const { operationId } = findRead(params.operationId as string, standing());
      const report = shadow?.report().find((each) => each.operationId === operationId);
      return {
        body: {
          operationId,
          compared: report?.compared ?? 0,
          equal: report?.equal ?? 0,
          different: report?.different ?? 0,
          unrepeated: report?.unrepeated ?? 0,
          skipped: { ...report?.skipped } as Record<string, number>,
          fields: report?.fields.map((each) => ({ ...each })) ?? [],
          differences: shadow?.differences(operationId).map(describeDifference) ?? [],
        },
      };
    },
  };
  return [{ path: '/differences/:operationId', get: show }];
}

/** Member by member: what is kept was redacted, and nothing else of it is shown. */
function describeDifference(kept: KeptDifference): ShownDifference {
  const { at, requestId, method, path, conditions, status, differences, isComplete } = kept;
  return {
    at,
    requestId,
    method,
    path,
    conditions: [...conditions],
    status: { monolith: status.monolith, service: status.service },
    differences: differences.map((each) => ({ ...each })),
    isComplete,
  };
}
