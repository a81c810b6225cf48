import type { APIRequestContext, APIResponse, BrowserContext } from '@playwright/test';
import { expect } from '@playwright/test';

/** What an answer to a request with an override says of itself. */
export type Proof = {
  /** By its operationId; `none` where the contract has no such operation. */
  readonly operation: string;
  /** `monolith`, or a service by its carve-out's name. */
  readonly servedBy: string;
  /** Version of the snapshot that the decision was taken on. */
  readonly flags: number;
};

/** Null: the request carried no override. What is missing of a proof is empty, or no number. */
export function readProof(headers: Readonly<Record<string, string>>): Proof | null {
  const operation = headers['x-banyan-operation'];
  const servedBy = headers['x-banyan-served-by'];
  const flags = headers['x-banyan-flags'];
  if (operation === undefined && servedBy === undefined && flags === undefined) return null;
  return { operation: operation ?? '', servedBy: servedBy ?? '', flags: Number(flags ?? Number.NaN) };
}

/** A client of the API, as `createApi` takes it. */
export type Http = Pick<APIRequestContext, 'get' | 'post' | 'delete'>;

export type Proofs = {
  /** All so far, in the order of the answers. */
  readonly all: readonly Proof[];
  see(proof: Proof | null): void;
  /** Notes every answer that a browser gets. */
  watch(context: BrowserContext): void;
  /** The same client, whose answers are noted. */
  watched(http: Http): Http;
  /** Waits for an answer to the operation, and holds that this side gave every one of them. */
  expectServedBy(operationId: string, backend: string): Promise<void>;
};

/** Gathers who answered the requests of a test. */
export function createProofs(): Proofs {
  const all: Proof[] = [];
  const see = (proof: Proof | null): void => {
    if (proof !== null) all.push(proof);
  };
  const backendsOf = (operationId: string): string[] => [
    ...new Set(all.filter(({ operation }) => operation === operationId).map(({ servedBy }) => servedBy)),
  ];
  const seen = async (answering: Promise<APIResponse>): Promise<APIResponse> => {
    const response = await answering;
    see(readProof(response.headers()));
    return response;
  };
  return {
    all,
    see,
    watch: (context) => {
      context.on('response', (response) => see(readProof(response.headers())));
    },
    watched: (http) => ({
      get: (...args) => seen(http.get(...args)),
      post: (...args) => seen(http.post(...args)),
      delete: (...args) => seen(http.delete(...args)),
    }),
    expectServedBy: (operationId, backend) =>
      expect
        .poll(() => backendsOf(operationId), { message: `who answered ${operationId}` })
        .toEqual([backend]),
  };
}
