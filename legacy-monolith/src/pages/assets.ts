import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Request, Router } from 'express';

const PUBLIC = fileURLToPath(new URL('../../public', import.meta.url));
const YEAR_SECONDS = 31_536_000;
const HOUR_SECONDS = 3600;

/** The fonts are packages of their own; what pages use of them appears under one folder. */
const FONTS: Readonly<Record<string, string>> = {
  'montserrat-latin.woff2': '@fontsource-variable/montserrat/files/montserrat-latin-wght-normal.woff2',
  'source-sans-3-latin.woff2':
    '@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2',
  'source-sans-3-latin-ext.woff2':
    '@fontsource-variable/source-sans-3/files/source-sans-3-latin-ext-wght-normal.woff2',
};

export type Assets = {
  router: Router;
  /** The address of a file below `public/`, with its fingerprint: a browser may keep it for ever. */
  url(path: string): string;
};

/** Stylesheets, scripts, images and fonts. They need no session and no database. */
export function createAssets(): Assets {
  const fingerprints = new Map(filesBelow(PUBLIC).map((path) => [path, fingerprint(join(PUBLIC, path))]));
  const router = Router();
  for (const [name, specifier] of Object.entries(FONTS)) {
    const file = fileURLToPath(import.meta.resolve(specifier));
    router.get(`/fonts/${name}`, (_req, res) => {
      res.sendFile(file, { maxAge: YEAR_SECONDS * 1000, immutable: true });
    });
  }
  router.use(
    express.static(PUBLIC, {
      index: false,
      redirect: false,
      setHeaders: (res) => {
        // What a stylesheet refers to carries no fingerprint, so it is asked for again after an hour.
        const kept = isFingerprinted((res as unknown as { req: Request }).req);
        res.setHeader(
          'Cache-Control',
          kept ? `public, max-age=${YEAR_SECONDS}, immutable` : `public, max-age=${HOUR_SECONDS}`,
        );
        res.setHeader('X-Content-Type-Options', 'nosniff');
      },
    }),
  );
  return {
    router,
    url(path) {
      const version = fingerprints.get(path);
      if (version === undefined) throw new Error(`there is no asset ${path}`);
      return `/assets/${path}?v=${version}`;
    },
  };
}

function isFingerprinted(req: Request): boolean {
  return typeof (req.query as Record<string, unknown>).v === 'string';
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function fingerprint(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 10);
}
