import { createFileRegistry, type DescFile, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

export type DescriptorIndex = {
  /** The file and all that it imports, itself first, as FileDescriptorProto messages. */
  fileNamed(name: string): Uint8Array[] | null;
  fileOfSymbol(symbol: string): Uint8Array[] | null;
  isMessage(name: string): boolean;
};

/** Finds files by name and by the full name of what they declare, in a FileDescriptorSet. */
export function createDescriptorIndex(descriptorSet: Uint8Array): DescriptorIndex {
  const set = fromBinary(FileDescriptorSetSchema, descriptorSet);
  const registry = createFileRegistry(set);
  const encoded = new Map(set.file.map((file) => [file.name, toBinary(FileDescriptorProtoSchema, file)]));

  const withImports = (file: DescFile): Uint8Array[] => {
    const seen = new Map<string, Uint8Array>();
    const visit = (each: DescFile): void => {
      if (seen.has(each.proto.name)) return;
      const bytes = encoded.get(each.proto.name);
      if (bytes) seen.set(each.proto.name, bytes);
      for (const dependency of each.dependencies) visit(dependency);
    };
    visit(file);
    return [...seen.values()];
  };
  const fileOf = (symbol: string): DescFile | undefined => {
    const found = registry.get(symbol);
    if (found) return found.file;
    // Members (a method, a field, a value) are in the file of what holds them.
    const parent = symbol.lastIndexOf('.');
    const holder = parent === -1 ? undefined : registry.get(symbol.slice(0, parent));
    const member = symbol.slice(parent + 1);
    const isMember =
      (holder?.kind === 'service' && holder.methods.some(({ name }) => name === member)) ||
      (holder?.kind === 'message' && holder.members.some(({ name }) => name === member)) ||
      (holder?.kind === 'enum' && holder.values.some(({ name }) => name === member));
    return isMember ? holder?.file : undefined;
  };

  return {
    fileNamed(name) {
      const file = registry.getFile(name);
      return file ? withImports(file) : null;
    },
    fileOfSymbol(symbol) {
      const file = fileOf(symbol.replace(/^\./, ''));
      return file ? withImports(file) : null;
    },
    isMessage: (name) => registry.getMessage(name) !== undefined,
  };
}
