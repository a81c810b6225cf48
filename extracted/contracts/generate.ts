import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cp, glob, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// Code from the protos: `node generate.ts` writes it, `node generate.ts --check` exits 1 naming what is stale.

const HERE = import.meta.dirname;
const require = createRequire(import.meta.url);
const BUF = join(dirname(require.resolve('@bufbuild/buf/package.json')), 'bin', 'buf');
const TS_PROTO = join(dirname(require.resolve('ts-proto/package.json')), 'protoc-gen-ts_proto');

/**
 * 64-bit integers are bigint, so that no id or amount passes through a float; timestamps are Dates; a oneof is one
 * value with its case; enums are string literals.
 */
const TS_OPTIONS = [
  'outputServices=grpc-js',
  'enumsAsLiterals=true',
  'stringEnums=true',
  'importSuffix=.ts',
  'esModuleInterop=true',
  'forceLong=bigint',
  'useDate=true',
  'oneof=unions-value',
  'useOptionals=none',
  'outputJsonMethods=false',
  'outputTypeRegistry=false',
  'removeEnumPrefix=true',
];

function generateInto(folder: string): void {
  const template = {
    version: 'v2',
    plugins: [{ local: [process.execPath, TS_PROTO], out: folder, opt: TS_OPTIONS, include_imports: true }],
  };
  runBuf(['generate', '--template', JSON.stringify(template)]);
  runBuf(['build', '--as-file-descriptor-set', '--output', join(folder, 'descriptors.binpb')]);
}

/** The package's own launcher, so that nothing depends on the PATH. */
function runBuf(args: readonly string[]): void {
  execFileSync(process.execPath, [BUF, ...args], {
    cwd: HERE,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 120_000,
  });
}

async function filesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob('**/*.{ts,binpb}', { cwd: folder })) found.push(path);
  return found.sort();
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'base64');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function main(check: boolean): Promise<number> {
  const fresh = mkdtempSync(join(tmpdir(), 'contracts-'));
  const kept = join(HERE, 'generated');
  try {
    generateInto(fresh);
    if (!check) {
      await rm(kept, { recursive: true, force: true });
      await cp(fresh, kept, { recursive: true });
      return 0;
    }
    const paths = new Set([...(await filesOf(fresh)), ...(await filesOf(kept))]);
    const stale = [...paths].filter((path) => textOf(join(fresh, path)) !== textOf(join(kept, path)));
    for (const path of stale) {
      console.error(`extracted/contracts/generated/${path} is stale: run npm run generate`);
    }
    return stale.length === 0 ? 0 : 1;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.includes('--check'));
