import { SetupError } from './setup-error.mjs';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const HEARTBEAT_MS = 10_000;

/**
 * What the person at the screen sees of a set-up: one line per step with its time, a spinner while it runs, and
 * where the output is no terminal a line every ten seconds, so that nobody has to guess whether it hangs.
 */
export function createScreen({ out = process.stdout } = {}) {
  const live = Boolean(out.isTTY) && process.env.TERM !== 'dumb';
  const paint = (code, text) => (live && !process.env.NO_COLOR ? `\u001b[${code}m${text}\u001b[0m` : text);
  const active = new Set();
  let frame = 0;
  let timer;

  const clear = () => live && active.size > 0 && out.write('\r\u001b[2K');
  const draw = () => {
    if (!live || active.size === 0) return;
    const text = [...active].map((step) => `${step.text()} … ${seconds(step.elapsedMs())}`).join(' · ');
    const width = Math.max(20, (out.columns ?? 80) - 4);
    out.write(`\r\u001b[2K${paint(36, FRAMES[frame % FRAMES.length])} ${text.slice(0, width)}`);
  };
  const line = (text = '') => {
    clear();
    out.write(`${text}\n`);
    draw();
  };
  const tick = () => {
    frame += 1;
    if (live) return draw();
    for (const step of active) {
      if (step.elapsedMs() - step.beatAtMs < HEARTBEAT_MS) continue;
      step.beatAtMs = step.elapsedMs();
      line(`… ${step.text()} … ${seconds(step.elapsedMs())}`);
    }
  };

  /**
   * Runs `work(note)`; `note(text)` says how far it is. Its last note stays on the finished line, which is marked as
   * failed when it throws or gives what is not good.
   */
  const step = async (title, work, isGood = () => true) => {
    const beganAt = performance.now();
    let detail = '';
    const current = {
      beatAtMs: 0,
      text: () => (detail ? `${title}: ${detail}` : title),
      elapsedMs: () => performance.now() - beganAt,
    };
    const end = (mark) => {
      clear();
      active.delete(current);
      if (active.size === 0) clearInterval(timer);
      line(`${mark} ${current.text()}  ${paint(2, seconds(current.elapsedMs()))}`);
    };
    if (active.size === 0) timer = setInterval(tick, live ? 100 : 1000).unref();
    active.add(current);
    if (live) draw();
    else line(`… ${title}`);
    try {
      const result = await work((text) => {
        detail = text;
      });
      end(isGood(result) ? paint(32, '✓') : paint(31, '✗'));
      return result;
    } catch (error) {
      end(paint(31, '✗'));
      throw error;
    }
  };

  /** Says what went wrong, and the one command that mends it where there is one. */
  const fail = (error) => {
    line();
    line(`${paint(31, 'Failed:')} ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof SetupError) {
      if (error.detail) line(error.detail.replace(/^/gm, '  '));
      if (error.mend) line(`Mend it with:  ${paint(1, error.mend)}`);
    } else if (error instanceof Error && error.stack) {
      line(error.stack.split('\n').slice(1).join('\n'));
    }
  };

  return { step, line, fail, paint };
}

export function seconds(ms) {
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
