import { fromBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { readMessage } from '../../channels/wire-messages.ts';

/** What a server says of itself (grpc.reflection.v1; of an older one v1alpha, whose messages are the same). */
export type Reflection = {
  /** Full names, in order. */
  services(): Promise<readonly string[]>;
  /** The file that declares it, and whichever others the server sends along; nothing where it knows of none. */
  filesOf(symbol: string): Promise<readonly FileDescriptorProto[] | undefined>;
  fileNamed(name: string): Promise<readonly FileDescriptorProto[] | undefined>;
};

const PATHS = [
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
] as const;
/** Fields of ServerReflectionRequest. */
const ASK = { fileByName: 3, fileOfSymbol: 4, services: 7 } as const;
const FILES_ANSWER = 4;
const SERVICES_ANSWER = 6;
const ERROR_ANSWER = 7;

export function createReflection(client: Client, deadlineAtMs: () => number): Reflection {
  let path: string = PATHS[0];
  const ask = async (question: keyof typeof ASK, value: string): Promise<Answer> => {
    const request = new BinaryWriter().tag(ASK[question], 2).string(value).finish();
    try {
      return readAnswer(await converse(client, path, request, deadlineAtMs()));
    } catch (error) {
      if ((error as Partial<ServiceError>).code !== status.UNIMPLEMENTED || path !== PATHS[0]) throw error;
      path = PATHS[1];
      return readAnswer(await converse(client, path, request, deadlineAtMs()));
    }
  };
  const files = async (question: 'fileByName' | 'fileOfSymbol', value: string) => {
    const answer = await ask(question, value);
    if (answer.notFound) return undefined;
    return answer.files.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  };
  return {
    services: async () => (await ask('services', '*')).services.toSorted(),
    filesOf: (symbol) => files('fileOfSymbol', symbol),
    fileNamed: (name) => files('fileByName', name),
  };
}

/** One question and its answer, on a stream of its own. */
function converse(client: Client, path: string, request: Uint8Array, deadline: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = client.makeBidiStreamRequest<Buffer, Buffer>(path, asIs, asIs, new Metadata(), {
      deadline,
    });
    stream.on('data', resolve);
    stream.on('error', reject);
    stream.on('end', () => reject(new Error('the server ended its reflection without an answer')));
    stream.write(Buffer.from(request));
    stream.end();
  });
}

const asIs = (bytes: Buffer): Buffer => bytes;

type Answer = {
  readonly files: readonly Uint8Array[];
  readonly services: readonly string[];
  readonly notFound: boolean;
};

function readAnswer(bytes: Buffer): Answer {
  const files: Uint8Array[] = [];
  const services: string[] = [];
  let code: number = status.OK;
  let message = '';
  readMessage(bytes, (field, reader) => {
    if (field !== FILES_ANSWER && field !== SERVICES_ANSWER && field !== ERROR_ANSWER) return false;
    readMessage(reader.bytes(), (part, inner) => {
      if (field === ERROR_ANSWER && part === 1) code = inner.int32();
      else if (field === ERROR_ANSWER && part === 2) message = inner.string();
      else if (field === FILES_ANSWER && part === 1) files.push(inner.bytes());
      else if (field === SERVICES_ANSWER && part === 1) services.push(readName(inner.bytes()));
      else return false;
      return true;
    });
    return true;
  });
  if (code !== status.OK && code !== status.NOT_FOUND) {
    throw new Error(`the server's reflection refused: ${status[code] ?? code} ${message}`);
  }
  return { files, services, notFound: code === status.NOT_FOUND };
}

function readName(bytes: Uint8Array): string {
  let name = '';
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false;
    name = reader.string();
    return true;
  });
  return name;
}
