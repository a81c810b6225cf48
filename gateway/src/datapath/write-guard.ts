import type { Duplex } from 'node:stream';

/**
 * Keeps a failed write from destroying the socket, and reports it instead.
 *
 * A server that refuses an upload answers and closes; our next write then fails while its answer still waits
 * in the kernel. A plain socket would be destroyed with the answer unread, and the client would never see its
 * 413. Here the reading side goes on to its own end.
 */
export function guardWrites(socket: Duplex, onFailure: () => void): void {
  const { _write, _writev } = socket;
  const report = (done: (error?: Error | null) => void) => (error?: Error | null) => {
    // `done` is not called after a failure: nothing more is to be written, and the error is known.
    if (error == null) done();
    else onFailure();
  };
  socket._write = (chunk, encoding, done) => _write.call(socket, chunk, encoding, report(done));
  if (_writev != null) socket._writev = (chunks, done) => _writev.call(socket, chunks, report(done));
}
