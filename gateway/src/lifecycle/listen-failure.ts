/** A port that could not be opened, in words that name the variable to change. */
export class ListenFailure extends Error {
  override name = 'ListenFailure';
}

/** Gives what a failed `listen` is to be rejected with. */
export function createListenFailure(
  portVariable: string,
  hostVariable: string,
  port: number,
  host: string,
): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    throw new ListenFailure(describe(cause.code ?? ''), { cause });
  };

  function describe(code: string): string {
    switch (code) {
      case 'EADDRINUSE':
        return `${portVariable}: port ${port} of ${host} is taken. Set ${portVariable} to another one; 0 picks a free one.`;
      case 'EACCES':
        return `${portVariable}: port ${port} may not be opened by this user. Set ${portVariable} to another one.`;
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return `${hostVariable}: ${host} is no address of this machine. Set ${hostVariable} to another one.`;
      default:
        return `${portVariable}: port ${port} of ${host} cannot be opened (${code}).`;
    }
  }
}
