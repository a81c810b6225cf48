import { createMatcher, pathOf } from '../routing/matcher.ts';
import type { Method, Operation } from '../routing/operation.ts';
import type { PathMatching } from '../routing/path-template.ts';
import type { RequestHead } from '../wire/request-head.ts';

/** Where all paths of the gateway's own are. */
const PREFIX = '/bff/';

/** Nobody's habits are to be kept here: a path is what it says. */
export const OWN_MATCHING: PathMatching = { caseSensitive: true, trailingSlash: 'strict' };

export const GET_JOB_OPERATION: Operation = own('getJob', 'GET', '/bff/jobs/{id}');
/** `getJob` of who asks for events: counted by itself, since it lasts as long as the job. */
export const WATCH_JOB_OPERATION: Operation = own('watchJob', 'GET', '/bff/jobs/{id}');
export const CANCEL_JOB_OPERATION: Operation = own('cancelJob', 'DELETE', '/bff/jobs/{id}');
export const GET_JOB_RESULT_OPERATION: Operation = own('getJobResult', 'GET', '/bff/jobs/{id}/result');
/** Whatever is asked below the prefix and is not there, or not by this method. */
export const NO_SUCH_OPERATION: Operation = own('noSuchBffOperation', 'GET', '/bff/{path}');

function own(operationId: string, method: Method, path: string): Operation {
  return Object.freeze({ operationId, method, path });
}

export type OwnOperations = {
  /** Undefined for what is not below the prefix. */
  of(head: Pick<RequestHead, 'method' | 'target' | 'values'>): Operation | undefined;
  /** The methods that a target can be asked by; empty where there is no such path. */
  methodsOf(target: string): readonly string[];
};

const METHODS = ['GET', 'HEAD', 'POST', 'DELETE'];

/** Names what is asked of the gateway itself. `more`: of carve-outs. */
export function createOwnOperations(more: readonly Operation[]): OwnOperations {
  const match = createMatcher(
    [GET_JOB_OPERATION, CANCEL_JOB_OPERATION, GET_JOB_RESULT_OPERATION, ...more],
    OWN_MATCHING,
  );
  return {
    of: (head) => {
      if (!head.target.startsWith(PREFIX)) return undefined;
      const found = match(head.method, head.target) ?? NO_SUCH_OPERATION;
      return found === GET_JOB_OPERATION && wantsEvents(head.values('accept')) ? WATCH_JOB_OPERATION : found;
    },
    methodsOf: (target) => {
      const methods = METHODS.filter((method) => match(method, target) !== undefined);
      return methods.length === 0 ? [] : [...methods, 'OPTIONS'];
    },
  };
}

/** Events are for who names them: whoever takes anything gets the job as it stands. */
function wantsEvents(accept: readonly string[]): boolean {
  return accept
    .join(',')
    .toLowerCase()
    .split(',')
    .some((range) => {
      const [type, ...parameters] = range.split(';').map((part) => part.trim());
      return type === 'text/event-stream' && !parameters.some((each) => /^q=0(\.0*)?$/.test(each));
    });
}

/** The segment that names the job, as it came: it is compared, never decoded. */
export function jobSegmentOf(target: string): string {
  return pathOf(target).split('/')[3] ?? '';
}
