import { readFileSync } from 'node:fs';
import { DockerfileParser, type Property } from 'dockerfile-ast';

export type Copy = { readonly from: string | null; readonly sources: readonly string[]; readonly to: string };

/** What one stage says, together with the stages of the file that it is built upon. */
export type Stage = {
  readonly name: string | null;
  /** The image of the registry at the bottom. */
  readonly base: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly copies: readonly Copy[];
  readonly runs: readonly string[];
  readonly user: string | null;
  readonly ports: readonly number[];
  readonly command: readonly string[];
};

const UNDERSTOOD = ['FROM', 'WORKDIR', 'ENV', 'COPY', 'RUN', 'USER', 'EXPOSE', 'CMD'];

/** Reads the stages of a Dockerfile. Throws on an instruction that the tests would not honour. */
export function readStages(path: string): Stage[] {
  const stages: Stage[] = [];
  let stage: Stage | undefined;
  for (const instruction of DockerfileParser.parse(readFileSync(path, 'utf8')).getInstructions()) {
    const keyword = instruction.getKeyword();
    if (!UNDERSTOOD.includes(keyword)) throw new Error(`${path}: ${keyword} is not understood here`);
    const words = instruction.getArguments().map((argument) => argument.getValue());
    if (keyword === 'FROM') {
      if (stage) stages.push(stage);
      stage = beginStage(words, stages);
      continue;
    }
    if (!stage) throw new Error(`${path}: ${keyword} before FROM`);
    stage = { ...stage, ...effectOf(keyword, words, instruction, stage) };
  }
  if (stage) stages.push(stage);
  return stages;
}

function beginStage([image = '', , name = null]: (string | null)[], earlier: readonly Stage[]): Stage {
  const below = earlier.find((each) => each.name === image);
  if (below) return { ...below, name };
  return {
    name,
    base: image ?? '',
    workdir: '/',
    env: {},
    copies: [],
    runs: [],
    user: null,
    ports: [],
    command: [],
  };
}

function effectOf(keyword: string, words: string[], instruction: object, stage: Stage): Partial<Stage> {
  switch (keyword) {
    case 'WORKDIR':
      return { workdir: words[0] ?? '/' };
    case 'ENV': {
      const properties = (instruction as { getProperties(): Property[] }).getProperties();
      const added = properties.map((each) => [each.getName(), each.getValue() ?? '']);
      return { env: { ...stage.env, ...Object.fromEntries(added) } };
    }
    case 'COPY': {
      const flags = (
        instruction as { getFlags(): { getName(): string; getValue(): string | null }[] }
      ).getFlags();
      const from = flags.find((flag) => flag.getName() === 'from')?.getValue() ?? null;
      return { copies: [...stage.copies, { from, sources: words.slice(0, -1), to: words.at(-1) ?? '' }] };
    }
    case 'RUN':
      return { runs: [...stage.runs, words.join(' ')] };
    case 'USER':
      return { user: words[0] ?? null };
    case 'EXPOSE':
      return { ports: [...stage.ports, ...words.map(Number)] };
    case 'CMD': {
      const strings = (instruction as { getJSONStrings(): { getJSONValue(): string }[] }).getJSONStrings();
      return { command: strings.map((each) => each.getJSONValue()) };
    }
    default:
      throw new Error(`${keyword} is not understood here`);
  }
}
