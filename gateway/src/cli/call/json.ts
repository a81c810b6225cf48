import {
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type Registry,
  toJson,
} from '@bufbuild/protobuf';
import { UsageError } from '../command.ts';

/** A message from JSON (the proto3 mapping). Whole numbers are read exactly, however large. */
export function readJson(desc: DescMessage, text: string, registry: Registry): Message {
  let value: JsonValue;
  try {
    value = JSON.parse(text, exactly) as JsonValue;
  } catch (error) {
    throw new UsageError(`the message is not JSON: ${(error as Error).message}`);
  }
  try {
    return fromJson(desc, value, { registry });
  } catch (error) {
    throw new UsageError(`the message is no ${desc.typeName}: ${(error as Error).message}`);
  }
}

/** What a float would round stays text, which the mapping takes for any number. */
function exactly(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' &&
    source !== undefined &&
    !Number.isSafeInteger(value) &&
    /^-?\d+$/.test(source)
    ? source
    : value;
}

export function writeJson(
  desc: DescMessage,
  message: Message,
  { registry, isCompact }: { readonly registry: Registry; readonly isCompact: boolean },
): string {
  return `${JSON.stringify(toJson(desc, message, { registry }), null, isCompact ? 0 : 2)}\n`;
}
