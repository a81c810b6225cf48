import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type DescMethod, type FileRegistry, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, type Metadata } from '@grpc/grpc-js';
import { CHANNEL_OPTIONS } from '../../channels/channel-options.ts';
import { type Command, type CommandContext, EXIT, UsageError } from '../command.ts';
import { credentialsFor } from './credentials.ts';
import { describe, describeService } from './describe.ts';
import { findTarget, findTargets } from './find-target.ts';
import { readJson, writeJson } from './json.ts';
import { type CallLine, parseCall } from './parse-call.ts';
import { createReflection, type Reflection } from './reflection.ts';
import { readRefusal, showRefusal } from './refusal.ts';
import { findMethod, findService, readSchema } from './schema.ts';

const ASK_MS = 10_000;
const UNARY_MS = 10_000;
const STREAM_MS = 600_000;

type Action<Kind extends CallLine['action']['kind']> = Extract<CallLine['action'], { kind: Kind }>;
type Asked<Kind extends CallLine['action']['kind']> = CallLine & { readonly action: Action<Kind> };

export const callCommand: Command = {
  usage:
    'call [<service/method> [json|@file]] [--target host:port] [--as account:role | --token identity | ' +
    '--service-token] [--audience name] [--deadline seconds] [--describe name] [--json]',
  about:
    'Calls a service, JSON in and JSON out; a stream is a line for each message. Without a method it lists what ' +
    'there is, --describe shows a message, a method or a service. What there is it learns from the server, by ' +
    'reflection. --as is for operators: it signs with BANYAN_IDENTITY_KEYS, and the service takes the call for the ' +
    "account's own. --service-token sends SERVICE_TOKEN. Without --target a service is found by the configuration.",
  async run(args, context) {
    const line = parseCall(args);
    const { action } = line;
    switch (action.kind) {
      case 'list':
        return list({ ...line, action }, context);
      case 'describe':
        return describeSymbol({ ...line, action }, context);
      case 'call':
        return call({ ...line, action }, context);
    }
  },
};

async function list({ action, target, json }: Asked<'list'>, context: CommandContext): Promise<number> {
  const { env, folder, out } = context;
  const found =
    action.service === undefined ? undefined : await findTarget(target, action.service, env, folder);
  const targets = found ? [found.target] : await findTargets(target, env, folder);
  for (const each of targets) {
    const ended = await withClient(each, context, async (reflection) => {
      const name = found?.service ?? action.service;
      const names = name === undefined ? await reflection.services() : [await findService(reflection, name)];
      const registry = await readSchema(reflection, names);
      const services = names.flatMap((service) => registry?.getService(service) ?? []);
      if (json) {
        const listed = services.map(({ typeName, methods }) => ({
          name: typeName,
          methods: methods.map(({ name }) => name),
        }));
        out.write(`${JSON.stringify({ target: each, services: listed })}\n`);
      } else out.write(`# ${each}\n${services.map((service) => `${describeService(service)}\n`).join('\n')}`);
      return EXIT.done;
    });
    if (ended !== EXIT.done) return ended;
  }
  return EXIT.done;
}

async function describeSymbol(
  { action, target }: Asked<'describe'>,
  context: CommandContext,
): Promise<number> {
  const { symbol } = action;
  // A method's service, or a message's package, is what stands before its last dot.
  const holders = [symbol, symbol.slice(0, Math.max(0, symbol.lastIndexOf('.')))];
  const found = await firstFound(holders, (name) => findTarget(target, name, context.env, context.folder));
  return withClient(found.target, context, async (reflection) => {
    const registry =
      (await readSchema(reflection, [symbol])) ?? (await readSchema(reflection, [holders[1] ?? '']));
    const text = registry && describe(registry, symbol);
    if (text === undefined) throw new UsageError(`the server knows of no ${symbol}`);
    context.out.write(`${text}\n`);
    return EXIT.done;
  });
}

/** The first that is no misuse; else what was wrong with the first. */
async function firstFound<T>(names: readonly string[], find: (name: string) => Promise<T>): Promise<T> {
  let fault: UsageError | undefined;
  for (const name of names) {
    try {
      return await find(name);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      fault ??= error;
    }
  }
  throw fault ?? new UsageError('nothing is named');
}

async function call(line: Asked<'call'>, context: CommandContext): Promise<number> {
  const { action, json } = line;
  const found = await findTarget(line.target, action.service, context.env, context.folder);
  const text = await readBody(action.body, context.folder);
  const name = `${action.service}/${action.method}`;
  return withClient(
    found.target,
    context,
    async (reflection, client) => {
      const { method, registry } = await findMethod(reflection, {
        service: found.service ?? action.service,
        method: action.method,
      });
      const audience = line.audience ?? found.carveOut ?? method.parent.typeName.split('.')[0] ?? '';
      const request = readJson(method.input, text, registry);
      const metadata = await credentialsFor(line.as, audience, context);
      const deadlineMs = line.deadlineMs ?? (method.methodKind === 'unary' ? UNARY_MS : STREAM_MS);
      const answers = send(client, method, {
        request,
        metadata,
        deadlineAtMs: context.wallClock().getTime() + deadlineMs,
        registry,
        signal: context.signal,
      });
      const isCompact = json || method.methodKind !== 'unary';
      for await (const message of answers) {
        context.out.write(writeJson(method.output, message, { registry, isCompact }));
        await context.out.drained();
      }
      return EXIT.done;
    },
    { name, json },
  );
}

async function readBody(body: string, folder: string): Promise<string> {
  if (!body.startsWith('@')) return body;
  try {
    return await readFile(resolve(folder, body.slice(1)), 'utf8');
  } catch (error) {
    throw new UsageError(`${body.slice(1)} cannot be read: ${(error as Error).message}`);
  }
}

type Sending = {
  readonly request: Message;
  readonly metadata: Metadata;
  readonly deadlineAtMs: number;
  readonly registry: FileRegistry;
  readonly signal: AbortSignal;
};

/** The answers to one call: one, or those of a stream as they come. */
async function* send(client: Client, method: DescMethod, sending: Sending): AsyncGenerator<Message> {
  const { request, metadata, deadlineAtMs: deadline, signal } = sending;
  if (method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming') {
    throw new UsageError(`${method.name} takes a stream of messages; banyan call sends one`);
  }
  // A unary call is a stream of one.
  const stream = client.makeServerStreamRequest<Message, Message>(
    `/${method.parent.typeName}/${method.name}`,
    (message) => Buffer.from(toBinary(method.input, message)),
    (bytes) => fromBinary(method.output, bytes),
    request,
    metadata,
    { deadline },
  );
  const cancel = (): void => stream.cancel();
  signal.addEventListener('abort', cancel);
  try {
    for await (const message of stream) yield message as Message;
  } finally {
    signal.removeEventListener('abort', cancel);
    stream.cancel();
  }
}

/** Works with a connection of its own. A status that a call ends with is said, and is the exit status 1. */
async function withClient(
  target: string,
  { err, out, wallClock }: CommandContext,
  work: (reflection: Reflection, client: Client) => Promise<number>,
  { name = target, json = false }: { readonly name?: string; readonly json?: boolean } = {},
): Promise<number> {
  const client = new Client(target, credentials.createInsecure(), CHANNEL_OPTIONS);
  try {
    return await work(
      createReflection(client, () => wallClock().getTime() + ASK_MS),
      client,
    );
  } catch (error) {
    const refusal = readRefusal(name, error);
    if (refusal === undefined) throw error;
    err.write(showRefusal(refusal));
    if (json) out.write(`${JSON.stringify({ refused: refusal })}\n`);
    return EXIT.refused;
  } finally {
    client.close();
  }
}
