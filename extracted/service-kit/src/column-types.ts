import pg from 'pg';

const { builtins } = pg.types;
const asText = (value: string): string => value;
const asBigInt = (value: string): bigint => BigInt(value);
const INT8_ARRAY = 1016;

// biome-ignore lint/suspicious/noExplicitAny: pg declares parsers of every column type as `any`
type Parser = (value: any) => any;

/**
 * int8 as bigint, so that no id or amount passes through a float; numeric as text; timestamptz as Date; date and
 * timestamp without zone as text, for they have no instant.
 */
export function getTypeParser(type: number, format?: 'text' | 'binary'): Parser {
  switch (type) {
    case builtins.INT8:
      return asBigInt;
    case INT8_ARRAY:
      return parseInt8Array;
    case builtins.TIMESTAMP:
    case builtins.DATE:
      return asText;
    default:
      return pg.types.getTypeParser(type, format as 'text');
  }
}

function parseInt8Array(text: string): (bigint | null)[] {
  const content = text.slice(text.indexOf('{') + 1, -1);
  if (content === '') return [];
  return content.split(',').map((item) => (item === 'NULL' ? null : BigInt(item)));
}
