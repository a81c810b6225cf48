import type { ContractConfig } from '../config/config.ts';
import { escapeHtml, page } from './page.ts';

/** What is to be found on the admin port, for a person who opened it. */
export function indexPage(contract: ContractConfig | undefined, hasQueues: boolean): string {
  const entries = [
    ['/livez', 'Live', 'The process runs.'],
    ['/readyz', 'Ready', 'Whether this replica takes requests, and what it knows of its dependencies.'],
    ['/metrics', 'Metrics', 'For Prometheus.'],
    ...(contract
      ? [
          ['/admin/v1/routes', 'Routes', 'Every operation and where its traffic goes. May ask for a token.'],
          [
            '/admin/v1/snapshot',
            'Flags',
            'All flags at one version, as this replica serves them. May ask for a token.',
          ],
          ['/admin/v1/audit', 'Audit', 'Who changed what, when and why. May ask for a token.'],
          [
            '/admin/v1/kills',
            'Kills',
            'What is held at the monolith here, whatever the flags say. May ask for a token.',
          ],
          ['/admin/v1/replicas', 'Replicas', 'Which version each replica serves. May ask for a token.'],
          ['/reference', 'Reference', `The contract's ${contract.operations.length} operations, to read.`],
          ['/reference/contract.yaml', 'Contract', 'The OpenAPI document itself.'],
        ]
      : []),
    ...(hasQueues
      ? [
          [
            '/admin/v1/queues',
            'Queues',
            'What each holds, how old it is, and how fast it is worked off. May ask for a token.',
          ],
          [
            '/jobs/',
            'Jobs',
            'The queues as a board, to look at. May ask for a token: it is the password, of any name.',
          ],
        ]
      : []),
    ['/problems', 'Problems', 'What each refusal of the admin API means, and what to do.'],
  ] as const;
  const rows = entries.map(
    ([href, title, about]) => `<li><a href="${href}">${title}</a><code>${href}</code><p>${about}</p></li>`,
  );
  const where = contract
    ? `contract <code>${escapeHtml(contract.file)}</code>`
    : 'no contract: everything goes to the monolith unnamed';
  return page(
    'Banyan gateway',
    `<h1>Banyan gateway</h1>\n<p>Admin port · ${where}</p>\n<ul>\n${rows.join('\n')}\n</ul>`,
  );
}
