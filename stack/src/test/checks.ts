import { join } from 'node:path';
import { ARCHITECTURE_TEST } from './test-files.ts';

const CONTRACTS = join('extracted', 'contracts');

export type Check = {
  name: string;
  /** For this Node. */
  args: string[];
};

/** What must hold of the sources before any of them runs. */
export function checkCommands(root: string): Check[] {
  const packaged = (...path: string[]) => join(root, 'node_modules', ...path);
  return [
    { name: 'types', args: [packaged('typescript', 'bin', 'tsc'), '--noEmit', '--project', root] },
    { name: 'lint and format', args: [packaged('@biomejs', 'biome', 'bin', 'biome'), 'ci', '--colors=off'] },
    { name: 'architecture', args: ['--test', ARCHITECTURE_TEST] },
    { name: 'generated types are current', args: [join('openapi', 'generate.ts'), '--check'] },
    {
      name: 'generated messages are current',
      args: [join('extracted', 'contracts', 'generate.ts'), '--check'],
    },
    { name: 'protos lint clean', args: [packaged('@bufbuild', 'buf', 'bin', 'buf'), 'lint', CONTRACTS] },
    {
      name: 'protos break nobody',
      args: [
        packaged('@bufbuild', 'buf', 'bin', 'buf'),
        'breaking',
        CONTRACTS,
        '--against',
        join(CONTRACTS, 'released.binpb'),
      ],
    },
    {
      name: 'contract lints clean',
      args: [
        packaged('@redocly', 'cli', 'bin', 'cli.js'),
        'lint',
        '--config',
        join('openapi', 'redocly.yaml'),
      ],
    },
  ];
}
