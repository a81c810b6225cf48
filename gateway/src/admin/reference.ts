import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router } from 'express';
import type { ContractConfig } from '../config/config.ts';

const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];
const ASSET_AGE_SECONDS = 86_400;

/** The contract as a page: Swagger UI from its package, our styles, the document. Nothing comes from elsewhere. */
export function createReferenceRoutes(contract: ContractConfig): Router {
  const router = Router({ strict: true });
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  router.get('/', (request, response) => {
    // Its relative URLs need the slash.
    if (!request.originalUrl.split('?', 1)[0]?.endsWith('/')) response.redirect(308, `${request.baseUrl}/`);
    else response.type('html').send(PAGE);
  });
  router.get('/contract.yaml', (_request, response) => {
    response.type('application/yaml').send(contract.text);
  });
  router.get('/reference.js', (_request, response) => {
    response.type('text/javascript').send(SCRIPT);
  });
  router.get('/reference.css', (_request, response) => {
    response.type('text/css').send(STYLE);
  });
  for (const asset of ASSETS) {
    router.get(`/${asset}`, (_request, response) => {
      response.set('Cache-Control', `public, max-age=${ASSET_AGE_SECONDS}`);
      response.sendFile(asset, { root: folder, cacheControl: false });
    });
  }
  return router;
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Contract · Banyan gateway</title>
<link rel="icon" type="image/png" href="favicon-32x32.png">
<link rel="stylesheet" href="swagger-ui.css">
<link rel="stylesheet" href="reference.css">
</head>
<body>
<header class="banyan"><a href="../">Banyan gateway</a><a href="contract.yaml">contract.yaml</a></header>
<main id="reference"></main>
<script src="swagger-ui-bundle.js"></script>
<script src="reference.js"></script>
</body>
</html>
`;

/** To be read, not tried: a request from this origin to the public one would need CORS, which clients never had. */
const SCRIPT = `SwaggerUIBundle({
  url: 'contract.yaml',
  dom_id: '#reference',
  deepLinking: true,
  supportedSubmitMethods: [],
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  displayRequestDuration: false,
  filter: true,
  validatorUrl: null,
});
`;

const STYLE = `body { margin: 0; background: #fff; }
header.banyan { display: flex; justify-content: space-between; gap: 1rem; padding: .8rem max(20px, calc((100vw - 1420px) / 2));
  background: #14532d; font: 600 15px/1.4 system-ui, sans-serif; }
header.banyan a { color: #fff; text-decoration: none; }
header.banyan a:hover { text-decoration: underline; }
header.banyan a + a { font-weight: 400; opacity: .85; }
.swagger-ui .info { margin: 32px 0; }
.swagger-ui .info .title small.version-stamp { background-color: #1b7f4d; }
.swagger-ui .scheme-container { box-shadow: none; padding: 12px 0; background: none; }
.swagger-ui .markdown table { font-size: 14px; }
.swagger-ui .info .markdown { max-width: 100ch; }
.swagger-ui .info .markdown h2 { font-size: 20px; margin: 28px 0 8px; }
`;
