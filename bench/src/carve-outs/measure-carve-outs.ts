import { type CaseResult, caseTable, type Target } from '../report.ts';
import { type ExportFigures, exportTable, exportTargets, measureExport } from './export.ts';
import { usePostgres } from './postgres.ts';
import { measureSmallGet, type Rounds, smallGetTargets, type Tools } from './small-get.ts';
import { startWorld } from './world.ts';

export type CarveOutFigures = {
  readonly cases: readonly CaseResult[];
  readonly exported: ExportFigures;
  readonly targets: readonly Target[];
  readonly tables: readonly string[];
};

const EXPORTED_INVOICES = 100_000;

/** What is carved out, beside the least that could stand there, and beside the monolith. */
export async function measureCarveOuts(
  rounds: Rounds,
  tools: Tools,
  cores: { readonly front: number; readonly back: number },
): Promise<CarveOutFigures> {
  const releases: (() => Promise<unknown>)[] = [];
  try {
    await usePostgres(cores.back, releases);
    const world = await startWorld({
      folder: tools.folder,
      frontCore: cores.front,
      backCore: cores.back,
      invoices: EXPORTED_INVOICES,
      releases,
    });
    const exported = await measureExport(world);
    const cases = await measureSmallGet(world, rounds, tools);
    return {
      cases,
      exported,
      targets: [...smallGetTargets(cases, world), ...exportTargets(exported)],
      tables: [...cases.map((each) => caseTable(each, world.translated.name)), exportTable(exported)],
    };
  } finally {
    for (const release of releases.reverse()) await release();
  }
}
