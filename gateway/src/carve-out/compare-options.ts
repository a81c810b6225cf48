/** What a translation says of comparing its answers. */
export type CompareOptions = {
  /**
   * Places that may differ: `header:etag`, `status`, `body`, or a field of a JSON body, with all that is in it:
   * `$.generated_at`, `$.payments[*].reference`.
   */
  readonly ignore?: readonly string[];
  /** Places whose values are shown as they are, in the same form: those of closed sets, that tell of nobody. */
  readonly show?: readonly string[];
};

const PLACE = /^(status|body|header:[a-z0-9-]+|\$(\.[A-Za-z_][\w-]*|\[\*\]|\["[^"]+"\])*)$/;

/** What keeps a value from being such options; nothing, if it is. */
export function compareOptionsFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'compare must be an object';
  for (const [name, places] of Object.entries(value)) {
    if (name !== 'ignore' && name !== 'show') return `compare.${name} is not known`;
    if (!Array.isArray(places)) return `compare.${name} must be a list`;
    const odd = places.find((place) => typeof place !== 'string' || !PLACE.test(place));
    if (odd !== undefined)
      return `compare.${name} must name places such as $.payments[*].id or header:etag, not ${String(odd)}`;
  }
  return undefined;
}
