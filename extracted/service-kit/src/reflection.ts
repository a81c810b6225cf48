import { once } from 'node:events';
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService,
} from '@banyan/contracts/grpc/reflection/v1/reflection';
import { ServerReflectionService as ServerReflectionServiceAlpha } from '@banyan/contracts/grpc/reflection/v1alpha/reflection';
import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { createDescriptorIndex, type DescriptorIndex } from './descriptor-index.ts';

const CONVERSATION_MS_MAX = 60_000;

export const REFLECTION_SERVICES: readonly string[] = [
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

/** Serves what `descriptorSet` says of the services; older clients know the alpha version alone. */
export function addReflection(
  server: Server,
  { descriptorSet, services }: { readonly descriptorSet: Uint8Array; readonly services: readonly string[] },
): void {
  const index = createDescriptorIndex(descriptorSet);
  const converse = (stream: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>): void => {
    const timer = setTimeout(() => {
      stream.emit('error', { code: status.DEADLINE_EXCEEDED, details: 'ask again' });
    }, CONVERSATION_MS_MAX);
    answerAll(stream, index, services)
      .catch(() => {
        // Where the client broke off there is nobody to tell.
        if (!stream.cancelled) stream.emit('error', { code: status.INTERNAL, details: 'reflection failed' });
      })
      .finally(() => clearTimeout(timer));
  };
  server.addService(ServerReflectionService, { serverReflectionInfo: converse });
  // The same messages under another name.
  server.addService(ServerReflectionServiceAlpha, { serverReflectionInfo: converse });
}

async function answerAll(
  stream: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>,
  index: DescriptorIndex,
  services: readonly string[],
): Promise<void> {
  const closed = new AbortController();
  stream.once('close', () => closed.abort());
  // By default the end of the loop would destroy the stream, and with it the status that is still to be sent.
  const requests: AsyncIterable<ServerReflectionRequest> = stream.iterator({ destroyOnReturn: false });
  for await (const request of requests) {
    const answer = answerOf(request, index, services);
    const hasRoom = stream.write({
      validHost: request.host,
      originalRequest: request,
      messageResponse: answer,
    });
    if (!hasRoom) await once(stream, 'drain', { signal: closed.signal });
  }
  stream.end();
}

type Answer = ServerReflectionResponse['messageResponse'];

function answerOf(
  { messageRequest }: ServerReflectionRequest,
  index: DescriptorIndex,
  services: readonly string[],
): Answer {
  switch (messageRequest?.$case) {
    case 'listServices':
      return {
        $case: 'listServicesResponse',
        value: { service: [...services].sort().map((name) => ({ name })) },
      };
    case 'fileByFilename':
      return filesOr(index.fileNamed(messageRequest.value), 'no such file');
    case 'fileContainingSymbol':
      return filesOr(index.fileOfSymbol(messageRequest.value), 'no such symbol');
    case 'fileContainingExtension':
      // proto3 has none but of options, which no contract here declares.
      return refusal(status.NOT_FOUND, 'no such extension');
    case 'allExtensionNumbersOfType':
      if (!index.isMessage(messageRequest.value)) return refusal(status.NOT_FOUND, 'no such message');
      return {
        $case: 'allExtensionNumbersResponse',
        value: { baseTypeName: messageRequest.value, extensionNumber: [] },
      };
    case undefined:
      return refusal(status.INVALID_ARGUMENT, 'the request asks nothing that is known here');
    default:
      return messageRequest satisfies never;
  }
}

function filesOr(files: Uint8Array[] | null, message: string): Answer {
  if (files === null) return refusal(status.NOT_FOUND, message);
  const fileDescriptorProto = files.map((bytes) => Buffer.from(bytes));
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function refusal(errorCode: number, errorMessage: string): Answer {
  return { $case: 'errorResponse', value: { errorCode, errorMessage } };
}
