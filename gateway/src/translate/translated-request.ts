import { parseForm } from '../carve-out/fields.ts';
import type { RequestBody, RequestHeaders, TranslationRequest } from '../carve-out/request.ts';
import { queryOf, type ReadParameters } from '../routing/path-parameters.ts';

/** A request as a translation sees it; what is in it is read when asked for. */
export class TranslatedRequest implements TranslationRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly #readParameters: ReadParameters;
  readonly #readBody: () => Promise<RequestBody>;
  #parameters: Readonly<Record<string, string>> | undefined = undefined;
  #query: Readonly<Record<string, string>> | undefined = undefined;

  constructor(
    method: string,
    target: string,
    headers: RequestHeaders,
    readParameters: ReadParameters,
    readBody: () => Promise<RequestBody>,
  ) {
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.#readParameters = readParameters;
    this.#readBody = readBody;
  }

  get params(): Readonly<Record<string, string>> {
    this.#parameters ??= this.#readParameters(this.target);
    return this.#parameters;
  }

  get query(): string {
    return queryOf(this.target);
  }

  lastOf(name: string): string | undefined {
    this.#query ??= parseForm(this.query);
    return this.#query[name];
  }

  body(): Promise<RequestBody> {
    return this.#readBody();
  }
}
