import { Socket } from 'node:net';

/**
 * Loaded into a program by `--import`: its parent holds the other end of file descriptor 3 and never writes.
 * When the parent is killed, however hard, the kernel closes that end, and the program is asked to stop.
 */
const lifeline = new Socket({ fd: 3, readable: true, writable: false });
lifeline.on('error', stop);
lifeline.on('close', stop);
lifeline.resume();
lifeline.unref();

let asked = false;
function stop() {
  if (asked) return;
  asked = true;
  process.kill(process.pid, 'SIGTERM');
}
