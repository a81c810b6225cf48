import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Event } from '../generated/events/v1/events.ts';
import { EVENT_SAMPLES, plain } from './event-samples.ts';

const EVENT = eventDescriptor();
const bytesOf = (body: string): Uint8Array => Buffer.from(body, 'base64');

test('what was written of each type of event says today what it said then', () => {
  for (const { type, body, event } of EVENT_SAMPLES) {
    assert.deepEqual(plain(Event.decode(bytesOf(body))), event, type);
  }
});

test('every type of event has a sample', () => {
  const cases = EVENT.oneofs.find(({ name }) => name === 'body')?.fields ?? [];
  assert.ok(cases.length > 0);
  assert.deepEqual(
    new Set(EVENT_SAMPLES.map(({ type }) => type)),
    new Set(cases.map(({ localName }) => localName)),
  );
});

test('every field of every event is said in a sample', () => {
  const said = new Set<string>();
  for (const { body } of EVENT_SAMPLES) note(reflect(EVENT, fromBinary(EVENT, bytesOf(body))), said);
  assert.deepEqual(
    [...fieldsOf(EVENT)].filter((field) => !said.has(field)),
    [],
  );
});

function eventDescriptor(): DescMessage {
  const set = readFileSync(new URL('../generated/descriptors.binpb', import.meta.url));
  const found = createFileRegistry(fromBinary(FileDescriptorSetSchema, set)).getMessage('events.v1.Event');
  assert.ok(found);
  return found;
}

function note(message: ReflectMessage, said: Set<string>): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    said.add(`${field}`);
    if (field.fieldKind === 'message') note(message.get(field), said);
    if (field.fieldKind === 'list' && field.listKind === 'message') {
      for (const each of message.get(field)) note(each as ReflectMessage, said);
    }
  }
}

function fieldsOf(message: DescMessage, found = new Set<string>()): Set<string> {
  for (const field of message.fields) {
    if (found.has(`${field}`)) continue;
    found.add(`${field}`);
    if (field.message) fieldsOf(field.message, found);
  }
  return found;
}
