import {
  create,
  createFileRegistry,
  type DescMethod,
  type DescService,
  type FileRegistry,
} from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { UsageError } from '../command.ts';
import type { Reflection } from './reflection.ts';

/** Everything that these symbols mean, or nothing where the server does not know one of them. */
export async function readSchema(
  reflection: Reflection,
  symbols: readonly string[],
): Promise<FileRegistry | undefined> {
  const files = new Map<string, FileDescriptorProto>();
  const add = (found: readonly FileDescriptorProto[]): void => {
    for (const file of found) files.set(file.name, file);
  };
  for (const symbol of symbols) {
    const found = await reflection.filesOf(symbol);
    if (found === undefined) return undefined;
    add(found);
  }
  // A server may send imports along, or leave it to us to ask for them.
  for (;;) {
    const missing = [...files.values()].flatMap((file) => file.dependency).find((name) => !files.has(name));
    if (missing === undefined) break;
    const found = await reflection.fileNamed(missing);
    if (!found?.some(({ name }) => name === missing))
      throw new Error(`the server does not know its own ${missing}`);
    add(found);
  }
  return createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(files) }));
}

function importsFirst(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const file = files.get(name);
    if (file === undefined || seen.has(name)) return;
    seen.add(name);
    for (const dependency of file.dependency) visit(dependency);
    ordered.add(file);
  };
  for (const name of files.keys()) visit(name);
  return [...ordered];
}

/** The service with this full name or, where only one has it, this last part of a name. */
export async function findService(reflection: Reflection, name: string): Promise<string> {
  const services = await reflection.services();
  if (services.includes(name)) return name;
  const found = services.filter((each) => each.endsWith(`.${name}`));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new UsageError(
    found.length > 1
      ? `${name} is several: ${found.join(', ')}`
      : `the server has no service ${name} (it has ${services.join(', ') || 'none'})`,
  );
}

export async function findMethod(
  reflection: Reflection,
  { service: name, method: methodName }: { readonly service: string; readonly method: string },
): Promise<{ readonly method: DescMethod; readonly registry: FileRegistry }> {
  const fullName = await findService(reflection, name);
  const registry = await readSchema(reflection, [fullName]);
  const service = registry?.getService(fullName);
  if (registry === undefined || service === undefined)
    throw new Error(`the server does not say what ${fullName} is`);
  return { method: methodOf(service, methodName), registry };
}

function methodOf(service: DescService, name: string): DescMethod {
  const found = service.methods.find((each) => each.name === name || each.localName === name);
  if (found !== undefined) return found;
  const names = service.methods.map((each) => each.name).join(', ');
  throw new UsageError(`${service.typeName} has no method ${name} (it has ${names})`);
}
