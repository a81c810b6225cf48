import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  startProcess,
  startServer,
  type TestProcessOptions,
  type TestServer,
} from '@banyan/stack/testing/processes';
import { readComposeFile, type Service } from './compose-file.ts';
import { type Image, layOutImage } from './image.ts';

const ROOT = dirname(dirname(import.meta.dirname));

/** All that the file asks for. */
export const SECRETS: Readonly<Record<string, string>> = {
  MERIDIAN_SESSION_SECRET: 'a secret of the tests',
  POSTGRES_PASSWORD: 'secret',
  BILLING_DATABASE_PASSWORD: 'secret-of-billing',
  BOOKING_DATABASE_PASSWORD: 'secret-of-booking',
  SERVICE_TOKEN: 'a-token-of-the-tests',
  BANYAN_IDENTITY_KEYS: `tests:${Buffer.alloc(32, 7).toString('base64url')}`,
};

/** What stands where the engine would have put something else: `monolith:3000` and the like. */
export type Places = Readonly<Record<string, string>>;

export type Container = {
  readonly service: Service;
  readonly image: Image;
  /** The command with its environment, as the engine would run it, but for the places. */
  readonly process: (places: Places, env: Readonly<Record<string, string>>) => TestProcessOptions;
  /** Exit status of the health check, its addresses replaced by the places. */
  readonly checkHealth: (places: Places) => Promise<number | NodeJS.Signals>;
  readonly start: (places: Places, env: Readonly<Record<string, string>>) => Promise<TestServer>;
};

/** Lays out a service's image below a folder; the service is then a plain process of this machine. */
export function layOutContainer(name: string, folder: string): Container {
  const file = readComposeFile(join(ROOT, 'docker-compose.yml'), SECRETS);
  const service = file.services[name];
  if (!service?.build) throw new Error(`${name} is not built here`);
  const image = layOutImage(ROOT, join(folder, name), service.build.dockerfile, service.build.target);
  for (const volume of service.volumes ?? []) {
    mkdirSync(join(image.folder, volume.split(':')[1] ?? volume), { recursive: true });
  }
  const process = (places: Places, env: Readonly<Record<string, string>>): TestProcessOptions => {
    const given = Object.entries({ ...image.stage.env, ...service.environment }).map(([variable, value]) => {
      const path = value.startsWith('/') ? join(image.folder, value) : value;
      return [variable, put(path, places)];
    });
    const [, ...args] = service.command ?? image.stage.command;
    return { args, env: { ...Object.fromEntries(given), ...env }, folder: image.workdir };
  };
  return {
    service,
    image,
    process,
    start: (places, env) => startServer(process(places, env)),
    checkHealth: (places) => {
      const [, , ...args] = service.healthcheck?.test ?? [];
      if (args.length === 0) throw new Error(`${name} tells no health`);
      const check = { args: args.map((arg) => put(arg, places)), env: {}, folder: image.workdir };
      return startProcess(check).ended;
    },
  };
}

/** A text with what stands in the places of others. */
export function put(text: string, places: Places): string {
  return Object.entries(places).reduce((all, [from, to]) => all.replaceAll(from, to), text);
}
