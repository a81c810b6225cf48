import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString, type SchemaObject } from 'openapi-typescript';
import ts from 'typescript';

// Types from the contracts: `node generate.ts` writes them, `node generate.ts --check` exits 1 naming what is stale.

const CONTRACTS = ['legacy', 'admin', 'bff'];
const INT64_SAFE_MAX = 2 ** 53;

const header = (contract: string) =>
  `// Generated from ../${contract}.yaml by ../generate.ts. Do not edit.\n\n`;

/** An integer that lies beyond 2^53 by its own schema is no `number`: read exactly, it is a bigint. */
function exactInteger(schema: SchemaObject): ts.TypeNode | undefined {
  const { type, format, minimum } = schema as { type?: unknown; format?: unknown; minimum?: unknown };
  const beyond = type === 'integer' && format === 'int64' && Number(minimum) >= INT64_SAFE_MAX;
  return beyond ? ts.factory.createKeywordTypeNode(ts.SyntaxKind.BigIntKeyword) : undefined;
}

async function generate(contract: string): Promise<string> {
  const source = new URL(`./${contract}.yaml`, import.meta.url);
  const nodes = await openapiTS(source, {
    alphabetize: false,
    defaultNonNullable: false,
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
    silent: true,
    transform: exactInteger,
  });
  return header(contract) + astToString(nodes);
}

async function currentText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function main(check: boolean): Promise<number> {
  let stale = 0;
  for (const contract of CONTRACTS) {
    const path = fileURLToPath(new URL(`./generated/${contract}.ts`, import.meta.url));
    const text = await generate(contract);
    if ((await currentText(path)) === text) continue;
    if (check) {
      console.error(`openapi/generated/${contract}.ts is stale: run npm run generate`);
      stale += 1;
    } else {
      await writeFile(path, text);
      console.log(`openapi/generated/${contract}.ts written`);
    }
  }
  return stale === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.includes('--check'));
