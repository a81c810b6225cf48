import type { Contract, Schema } from './contract.ts';

/**
 * Clients rely on the order of keys: that of `properties` in the schema. Gives the places where a value differs.
 * Keys that the schema does not know are left to validation.
 */
export function keyOrderFaults(contract: Contract, schema: Schema, value: unknown, at = '$'): string[] {
  if (Array.isArray(value)) {
    const items = find(contract, schema, (each) => each.items !== undefined)?.items as Schema | undefined;
    if (!items) return [];
    return value.flatMap((item, index) => keyOrderFaults(contract, items, item, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const object = find(contract, schema, (each) => each.properties !== undefined);
  if (!object) return [];
  const properties = object.properties as Record<string, Schema>;
  const expected = Object.keys(properties).filter((key) => Object.hasOwn(value, key));
  const actual = Object.keys(value).filter((key) => Object.hasOwn(properties, key));
  const faults =
    expected.join() === actual.join()
      ? []
      : [`${at}: keys come as ${actual.join(', ')}; documented is ${expected.join(', ')}`];
  for (const key of actual) {
    const inner = properties[key] as Schema;
    faults.push(...keyOrderFaults(contract, inner, (value as Record<string, unknown>)[key], `${at}.${key}`));
  }
  return faults;
}

/** The first schema behind references and combinations that fits; the contract has no two that would. */
function find(contract: Contract, schema: Schema, fits: (each: Schema) => boolean): Schema | undefined {
  if (typeof schema.$ref === 'string') return find(contract, contract.resolve(schema.$ref) as Schema, fits);
  if (fits(schema)) return schema;
  const parts = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((each) => (each as Schema[]) ?? []);
  for (const part of parts) {
    const found = find(contract, part, fits);
    if (found) return found;
  }
  return undefined;
}
