import { Router } from 'express';
import { escapeHtml, page, prose } from './page.ts';
import { PROBLEM_TYPES, type ProblemKind, type ProblemType } from './problem-types.ts';

/** `/problems`, and each `type` that a problem can have: what it means, and what to do. */
export function createProblemRoutes(): Router {
  const router = Router({ caseSensitive: true });
  const entries = Object.entries(PROBLEM_TYPES) as [ProblemKind, ProblemType][];
  router.get('/', (_request, response) => {
    const items = entries.map(
      ([kind, { status, title, about }]) =>
        `<li><a href="/problems/${kind}">${escapeHtml(title)}</a><code>${status} ${kind}</code><p>${prose(about)}</p></li>`,
    );
    const head =
      '<h1>Problems</h1>\n<p>What the gateway answers where it refuses: each problem’s <code>type</code>.</p>';
    response
      .type('html')
      .send(page('Problems · Banyan gateway', `${head}\n<ul>\n${items.join('\n')}\n</ul>`));
  });
  router.get('/:kind', (request, response, next) => {
    const found = entries.find(([kind]) => kind === request.params.kind);
    if (found === undefined) return next();
    const [kind, { status, title, about, remedy }] = found;
    const body = [
      `<h1>${escapeHtml(title)}</h1>`,
      `<p><code>${status} ${kind}</code></p>`,
      `<p>${prose(about)}</p>`,
      `<h2>What to do</h2>`,
      `<p>${prose(remedy)}</p>`,
      `<p><a href="/problems">All problems</a></p>`,
    ];
    response.type('html').send(page(`${title} · Banyan gateway`, body.join('\n')));
  });
  return router;
}
