import { fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { CHANNEL_OPTIONS } from '../../channels/channel-options.ts';
import type { InspectedDeadLetter } from '../admin/types.ts';
import { findTarget } from '../call/find-target.ts';
import { createReflection } from '../call/reflection.ts';
import { readSchema } from '../call/schema.ts';
import type { CommandContext } from '../command.ts';

/** What a letter means, or why that is not known. */
export type DecodedLetter =
  | { readonly event: JsonValue; readonly why?: undefined }
  | { readonly event?: undefined; readonly why: string };

const ASK_MS = 5_000;
/** A schema is a package, version and all. */
const SCHEMA = /^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*$/;
/** What goes through queues is one of these of it. */
const MESSAGES = ['Event', 'JobEnvelope'];

/** Asks the service that is to take it, by reflection. Throws nothing: what was inspected is shown all the same. */
export async function decodeLetter(
  { schema, body }: Pick<InspectedDeadLetter, 'schema' | 'body'>,
  { consumer, target }: { readonly consumer: string; readonly target: string | undefined },
  { env, folder, wallClock }: Pick<CommandContext, 'env' | 'folder' | 'wallClock'>,
): Promise<DecodedLetter> {
  if (schema === null || body === null) return { why: 'The job holds no event that could be read.' };
  if (!SCHEMA.test(schema)) return { why: `${schema} is no schema of events.` };
  let client: Client | undefined;
  try {
    const found = await findTarget(target, consumer, env, folder);
    client = new Client(found.target, credentials.createInsecure(), CHANNEL_OPTIONS);
    const reflection = createReflection(client, () => wallClock().getTime() + ASK_MS);
    for (const symbol of MESSAGES.map((name) => `${schema}.${name}`)) {
      const registry = await readSchema(reflection, [symbol]);
      const message = registry?.getMessage(symbol);
      if (registry === undefined || message === undefined) continue;
      return { event: toJson(message, fromBinary(message, Buffer.from(body, 'base64')), { registry }) };
    }
    return { why: `${consumer} does not know ${schema}.` };
  } catch (error) {
    return { why: `${consumer} could not say what it means: ${(error as Error).message}` };
  } finally {
    client?.close();
  }
}
