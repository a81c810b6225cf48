import { METHODS, type Method, type Operation } from './operation.ts';
import { templateFault } from './path-template.ts';

/** Something in the contract that keeps its operations from being told apart. */
export type ContractFault = { readonly where: string; readonly rule: string };

export type ReadContract = {
  readonly operations: readonly Operation[];
  readonly faults: readonly ContractFault[];
};

type Entries = Readonly<Record<string, unknown>>;

/** Reads the operations out of an OpenAPI 3 document, or says all that is wrong with them. */
export function readContract(document: unknown): ReadContract {
  if (!isEntries(document) || typeof document.openapi !== 'string' || !document.openapi.startsWith('3.')) {
    return { operations: [], faults: [{ where: 'openapi', rule: 'must be an OpenAPI 3 document' }] };
  }
  const { basePath, faults } = readBasePath(document.servers);
  const operations: Operation[] = [];
  const paths = isEntries(document.paths) ? document.paths : {};
  for (const [template, item] of Object.entries(paths)) {
    const rule = templateFault(template);
    if (rule !== undefined) faults.push({ where: template, rule });
    const resolved = resolvePathItem(document, item);
    if (!resolved) {
      faults.push({ where: template, rule: 'must be a path item of this document' });
      continue;
    }
    for (const method of METHODS) {
      const described = resolved[method.toLowerCase()];
      if (!isEntries(described)) continue;
      if (resolved.servers !== undefined || described.servers !== undefined) {
        faults.push({ where: `${method} ${template}`, rule: 'servers of its own are not supported' });
      }
      readOperation({ method, template, basePath, described }, operations, faults);
    }
  }
  if (operations.length === 0 && faults.length === 0) {
    faults.push({ where: 'paths', rule: 'must describe at least one operation' });
  }
  return { operations, faults };
}

function readOperation(
  read: { method: Method; template: string; basePath: string; described: Entries },
  operations: Operation[],
  faults: ContractFault[],
): void {
  const { method, template, basePath, described } = read;
  const where = `${method} ${template}`;
  const { operationId } = described;
  if (typeof operationId !== 'string' || operationId === '') {
    faults.push({ where, rule: 'must have an operationId' });
    return;
  }
  const namesake = operations.find((operation) => operation.operationId === operationId);
  if (namesake) {
    faults.push({
      where,
      rule: `has the operationId of ${namesake.method} ${namesake.path}, ${operationId}`,
    });
    return;
  }
  operations.push({ operationId, method, path: `${basePath}${template}` });
}

/** Paths of a contract follow the path of its servers' URLs, which has to be the same for all of them. */
function readBasePath(servers: unknown): { basePath: string; faults: ContractFault[] } {
  if (!Array.isArray(servers)) return { basePath: '', faults: [] };
  const basePaths = new Set(servers.filter(isEntries).map(basePathOf));
  const [basePath = '', ...others] = basePaths;
  const faults = others.map((other) => ({
    where: 'servers',
    rule: `must all have one base path; ${JSON.stringify(basePath)} and ${JSON.stringify(other)} differ`,
  }));
  return { basePath, faults };
}

function basePathOf(server: Entries): string {
  const variables = isEntries(server.variables) ? server.variables : {};
  const url = String(server.url ?? '').replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const variable = variables[name];
    return isEntries(variable) ? String(variable.default ?? '') : '';
  });
  return URL.canParse(url, 'http://base/') ? new URL(url, 'http://base/').pathname.replace(/\/+$/, '') : '';
}

function resolvePathItem(document: Entries, item: unknown): Entries | undefined {
  if (!isEntries(item)) return undefined;
  if (typeof item.$ref !== 'string') return item;
  const name = /^#\/components\/pathItems\/([^/]+)$/.exec(item.$ref)?.[1];
  if (name === undefined || !isEntries(document.components)) return undefined;
  const { pathItems } = document.components;
  const found = isEntries(pathItems) ? pathItems[name] : undefined;
  return isEntries(found) && found.$ref === undefined ? found : undefined;
}

function isEntries(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
