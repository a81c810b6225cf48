// `fresh` 2 has no types of its own, and DefinitelyTyped's are of version 0.5.
declare module 'fresh' {
  function fresh(
    requestHeaders: Readonly<Record<string, string | undefined>>,
    responseHeaders: Readonly<Record<string, string | undefined>>,
  ): boolean;
  export default fresh;
}
