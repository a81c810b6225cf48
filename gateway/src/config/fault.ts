/** One thing wrong with the configuration. */
export type ConfigFault = {
  /** The variable, the key of the configuration file, or the operation that is wrong. */
  readonly name: string;
  /** What would be right. */
  readonly rule: string;
  /** What was found, safe to print. Absent where there is nothing to show. */
  readonly got?: string;
};

const SHOWN_LENGTH_MAX = 120;
const URL_USERINFO = /(\/\/)[^/?#@]*@/;
const SECRET_NAME = /(TOKEN|KEY|KEYS|SECRET|PASSWORD)$/;

/** A value as it may be printed: secrets masked, long values cut. */
export function showValue(name: string, value: unknown): string {
  if (SECRET_NAME.test(name)) return '***';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const masked = text.replace(URL_USERINFO, '$1***@');
  const cut = masked.length > SHOWN_LENGTH_MAX ? `${masked.slice(0, SHOWN_LENGTH_MAX)}…` : masked;
  return JSON.stringify(cut);
}

/** All faults as the lines that the operator reads. */
export function describeFaults(faults: readonly ConfigFault[]): string {
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  const lines = faults.map(
    ({ name, rule, got }) => `  ${name}: ${rule}${got === undefined ? '' : `; got ${got}`}`,
  );
  return [`The configuration has ${count}:`, ...lines].join('\n');
}
