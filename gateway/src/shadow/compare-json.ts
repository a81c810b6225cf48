import type { CompareRules } from './compare-rules.ts';
import type { Difference, Side } from './difference.ts';
import { ABSENT, type Findings, firstDifference, shownPart } from './findings.ts';
import { type JsonNode, stringOf } from './lossless-json.ts';

/** One answer's JSON: the text, and what was read from it. */
export type JsonText = { readonly text: string; readonly root: JsonNode };

type Place = { readonly path: string; readonly field: string };
type Pair = { readonly monolith: JsonText; readonly service: JsonText };

const ROOT: Place = { path: '$', field: '$' };

/**
 * Compares two JSON texts value by value. Numbers are compared as they are written: `1.0` is not `1`, and no digit
 * of a long one is lost. Where all values are the same, yet not all bytes, that is a difference too.
 */
export function compareJson(
  monolith: JsonText,
  service: JsonText,
  rules: CompareRules,
  findings: Findings,
): void {
  const before = findings.count;
  const ignored: Ignored = { monolith: [], service: [] };
  const walk = new JsonComparison({ monolith, service }, rules, findings, ignored);
  walk.compare(monolith.root, service.root, ROOT);
  if (findings.count > before) return;
  const [one, other] = [without(monolith.text, ignored.monolith), without(service.text, ignored.service)];
  if (one !== other) findings.add(representation(one, other));
}

function representation(one: string, other: string): Difference {
  const at = firstDifference(one, other);
  const sideOf = (text: string): Side => ({ type: 'text', length: text.length, text: shownPart(text, at) });
  return {
    path: '$',
    field: '$',
    kind: 'representation',
    monolith: sideOf(one),
    service: sideOf(other),
    at,
  };
}

/** Parts of the texts that were not compared, in any order. */
type Ignored = { readonly monolith: JsonNode[]; readonly service: JsonNode[] };

/** What is ignored is left out of both. A field that only one of them has leaves its name. */
function without(text: string, parts: readonly JsonNode[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end } of [...parts].sort((one, other) => one.start - other.start)) {
    rest += text.slice(from, start);
    from = end;
  }
  return rest + text.slice(from);
}

class JsonComparison {
  readonly #pair: Pair;
  readonly #rules: CompareRules;
  readonly #findings: Findings;
  readonly #ignored: Ignored;

  constructor(pair: Pair, rules: CompareRules, findings: Findings, ignored: Ignored) {
    this.#pair = pair;
    this.#rules = rules;
    this.#findings = findings;
    this.#ignored = ignored;
  }

  compare(monolith: JsonNode, service: JsonNode, place: Place): void {
    if (this.#findings.isFull) return;
    // Most of two answers is the same to the byte: it is not looked into.
    if (this.#sourceOf(monolith, 'monolith') === this.#sourceOf(service, 'service')) return;
    if (this.#rules.ignoresFields && this.#rules.isIgnored(place.field)) {
      this.#ignored.monolith.push(monolith);
      this.#ignored.service.push(service);
      return;
    }
    if (monolith.type !== service.type) this.#add('type', place, monolith, service);
    else if (monolith.type === 'object' && service.type === 'object') {
      this.#fields(monolith.fields, service.fields, place);
    } else if (monolith.type === 'array' && service.type === 'array') {
      this.#items(monolith, service, place);
    } else this.#scalar(monolith, service, place);
  }

  #fields(
    monolith: ReadonlyMap<string, JsonNode>,
    service: ReadonlyMap<string, JsonNode>,
    place: Place,
  ): void {
    for (const [name, value] of monolith) {
      const other = service.get(name);
      if (other !== undefined) this.compare(value, other, fieldOf(place, name));
      else this.#oneSided('missing', fieldOf(place, name), value);
    }
    for (const [name, value] of service) {
      if (!monolith.has(name)) this.#oneSided('extra', fieldOf(place, name), value);
    }
  }

  #oneSided(kind: 'missing' | 'extra', place: Place, value: JsonNode): void {
    if (this.#rules.ignoresFields && this.#rules.isIgnored(place.field)) {
      this.#ignored[kind === 'missing' ? 'monolith' : 'service'].push(value);
    } else if (kind === 'missing') this.#add(kind, place, value, undefined);
    else this.#add(kind, place, undefined, value);
  }

  /** Of arrays of different lengths the elements are compared up to the first that differs: the rest is shifted. */
  #items(monolith: JsonNode & { type: 'array' }, service: JsonNode & { type: 'array' }, place: Place): void {
    const [one, other] = [monolith.items, service.items];
    const hasSameLength = one.length === other.length;
    if (!hasSameLength) this.#add('length', place, monolith, service);
    for (const [index, item] of one.entries()) {
      const counterpart = other[index];
      if (counterpart === undefined || this.#findings.isFull) return;
      const isSame =
        hasSameLength || this.#sourceOf(item, 'monolith') === this.#sourceOf(counterpart, 'service');
      this.compare(item, counterpart, {
        path: `${place.path}[${index}]`,
        field: `${place.field}[*]`,
      });
      if (!isSame) return;
    }
  }

  #scalar(monolith: JsonNode, service: JsonNode, place: Place): void {
    const isSame =
      monolith.type === 'string' &&
      stringOf(this.#pair.monolith.text, monolith) === stringOf(this.#pair.service.text, service);
    if (!isSame) this.#add('value', place, monolith, service);
  }

  #sourceOf({ start, end }: JsonNode, side: keyof Pair): string {
    return this.#pair[side].text.slice(start, end);
  }

  #add(
    kind: Difference['kind'],
    place: Place,
    monolith: JsonNode | undefined,
    service: JsonNode | undefined,
  ): void {
    const one = sayingOf(this.#pair.monolith.text, monolith);
    const other = sayingOf(this.#pair.service.text, service);
    const at = kind === 'value' ? firstDifference(one, other) : undefined;
    this.#findings.add({
      ...place,
      kind,
      monolith: sideOf(monolith, one, at),
      service: sideOf(service, other, at),
      ...(at === undefined ? {} : { at }),
    });
  }
}

/** What is shown of a value: of strings what they say, of arrays and objects nothing. */
function sayingOf(text: string, node: JsonNode | undefined): string {
  if (node === undefined || node.type === 'array' || node.type === 'object') return '';
  return node.type === 'string' ? stringOf(text, node) : text.slice(node.start, node.end);
}

function sideOf(node: JsonNode | undefined, value: string, at: number | undefined): Side {
  if (node === undefined) return ABSENT;
  return { type: node.type, length: lengthOf(node, value), text: shownPart(value, at) };
}

function lengthOf(node: JsonNode, value: string): number {
  if (node.type === 'array') return node.items.length;
  return node.type === 'object' ? node.fields.size : value.length;
}

const PLAIN_NAME = /^[A-Za-z_][\w-]*$/;

function fieldOf({ path, field }: Place, name: string): Place {
  const step = PLAIN_NAME.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  return { path: path + step, field: field + step };
}
