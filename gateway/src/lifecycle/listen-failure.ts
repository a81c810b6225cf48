/** A port that could not be opened, in words that name the variable to change. */
export class ListenFailure extends Error {
  override name = 'ListenFailure';
}

/** Opens every port, in order. One `ListenFailure` names all that could not be opened. */
export async function openPorts<Openings extends readonly (() => Promise<number>)[]>(
  ...openings: Openings
): Promise<{ [each in keyof Openings]: number }> {
  const ports: number[] = [];
  const failures: ListenFailure[] = [];
  for (const open of openings) {
    try {
      ports.push(await open());
    } catch (error) {
      if (!(error instanceof ListenFailure)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 0) return ports as { [each in keyof Openings]: number };
  const cause = new AggregateError(failures.map((failure) => failure.cause));
  throw new ListenFailure(failures.map(({ message }) => message).join('\n'), { cause });
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
