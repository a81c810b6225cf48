import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type DescService,
  type FileRegistry,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';

/** What a name stands for, as a contract would write it; nothing where nothing has it. */
export function describe(registry: FileRegistry, symbol: string): string | undefined {
  const found = registry.get(symbol) ?? memberOf(registry, symbol);
  switch (found?.kind) {
    case 'message':
      return describeMessage(found);
    case 'enum':
      return describeEnum(found);
    case 'service':
      return describeService(found);
    case 'rpc':
      return describeMethod(found);
    default:
      return undefined;
  }
}

function memberOf(registry: FileRegistry, symbol: string): DescMethod | undefined {
  const dot = symbol.lastIndexOf('.');
  const service = registry.getService(symbol.slice(0, dot));
  const name = symbol.slice(dot + 1);
  return service?.methods.find((method) => method.name === name || method.localName === name);
}

export function describeService(service: DescService): string {
  return block(`service ${service.typeName}`, service.methods.map(signature));
}

function signature({ name, methodKind, input, output }: DescMethod): string {
  const [fed, read] = {
    unary: ['', ''],
    server_streaming: ['', 'stream '],
    client_streaming: ['stream ', ''],
    bidi_streaming: ['stream ', 'stream '],
  }[methodKind] as [string, string];
  return `rpc ${name}(${fed}${input.typeName}) returns (${read}${output.typeName});`;
}

/** A method, both its messages, and a message to begin with. */
function describeMethod(method: DescMethod): string {
  const example = toJson(method.input, create(method.input), { alwaysEmitImplicit: true });
  return [
    signature(method),
    describeMessage(method.input),
    describeMessage(method.output),
    `as JSON, what is not set: ${JSON.stringify(example)}`,
  ].join('\n\n');
}

function describeMessage(message: DescMessage): string {
  const lines = message.members.flatMap((member) =>
    member.kind === 'oneof' ? describeOneof(member) : describeField(member),
  );
  return block(`message ${message.typeName}`, lines);
}

function describeOneof({ name, fields }: DescOneof): string[] {
  return [`oneof ${name} {`, ...fields.map((field) => `  ${describeField(field)}`), '}'];
}

function describeField(field: DescField): string {
  const label = field.fieldKind === 'list' ? 'repeated ' : field.proto.proto3Optional ? 'optional ' : '';
  return `${label}${typeOf(field)} ${field.name} = ${field.number};`;
}

function typeOf(field: DescField): string {
  const value =
    field.enum?.typeName ??
    field.message?.typeName ??
    (field.scalar ? ScalarType[field.scalar].toLowerCase() : '');
  return field.fieldKind === 'map' ? `map<${ScalarType[field.mapKey].toLowerCase()}, ${value}>` : value;
}

function describeEnum({ typeName, values }: DescEnum): string {
  return block(
    `enum ${typeName}`,
    values.map(({ name, number }) => `${name} = ${number};`),
  );
}

function block(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return `${title} {}`;
  return [`${title} {`, ...lines.map((line) => `  ${line}`), '}'].join('\n');
}
