import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, type Pinned, startPinned } from './system.ts';

export type Contender = {
  readonly name: string;
  /** What to install, where it is not there. */
  readonly missing?: string;
  start(ports: { readonly port: number; readonly upstream: number }, core: number, folder: string): Pinned;
};

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const node = (name: string, file: string, env: Readonly<Record<string, string>> = {}): Contender => ({
  name,
  start: ({ port, upstream }, core) =>
    startPinned(core, process.execPath, [path(file)], {
      NODE_ENV: 'production',
      PORT: String(port),
      UPSTREAM_PORT: String(upstream),
      ...env,
    }),
});

/** The gateway as `npm run gateway` runs it, its request log included. */
export const ours: Contender = {
  name: 'Banyan',
  start: ({ port, upstream }, core) =>
    startPinned(core, process.execPath, [path('../../gateway/src/main.ts')], {
      NODE_ENV: 'production',
      PORT: String(port),
      ADMIN_PORT: '0',
      BANYAN_CONFIG: 'none',
      MONOLITH_URL: `http://127.0.0.1:${upstream}`,
    }),
};

export const probe = node('probe (ceiling)', './proxies/probe.ts');
export const expressHpm = node('Express 5 + HPM 4', './proxies/express-hpm.ts');
const fastifyProxy = node('@fastify/http-proxy', './proxies/fastify-http-proxy.ts');

const NGINX = findProgram('nginx');
const nginx: Contender = {
  name: 'nginx',
  ...(NGINX === undefined ? { missing: 'apt-get install nginx-light' } : {}),
  start: ({ port, upstream }, core, folder) => {
    const file = join(folder, `nginx-${port}.conf`);
    // One worker, kept-alive connections to the upstream, bodies streamed, no access log: its manual's advice.
    writeFileSync(
      file,
      `worker_processes 1; daemon off; pid ${folder}/nginx-${port}.pid; error_log stderr crit;
       events { worker_connections 8192; }
       http { access_log off; tcp_nodelay on; keepalive_requests 10000000; client_max_body_size 0;
         client_body_temp_path ${folder}; proxy_temp_path ${folder};
         fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
         map $http_upgrade $banyan_connection { default upgrade; '' ''; }
         upstream up { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 10000000; }
         server { listen 127.0.0.1:${port} backlog=1024;
           location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Host $http_host;
             proxy_set_header Connection $banyan_connection; proxy_set_header Upgrade $http_upgrade;
             proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
             proxy_request_buffering off; proxy_buffering on; proxy_buffers 16 16k; proxy_max_temp_file_size 0; } } }`,
    );
    return startPinned(core, NGINX as string, ['-c', file], {});
  },
};

const HAPROXY = findProgram('haproxy');
const haproxy: Contender = {
  name: 'HAProxy',
  ...(HAPROXY === undefined ? { missing: 'apt-get install haproxy' } : {}),
  start: ({ port, upstream }, core, folder) => {
    const file = join(folder, `haproxy-${port}.cfg`);
    writeFileSync(
      file,
      `global
  maxconn 8192
  nbthread 1
defaults
  mode http
  option http-keep-alive
  http-reuse always
  option forwardfor
  timeout connect 2s
  timeout client 600s
  timeout server 600s
  timeout tunnel 1h
listen all
  bind 127.0.0.1:${port}
  server up 127.0.0.1:${upstream} pool-max-conn 256
`,
    );
    return startPinned(core, HAPROXY as string, ['-db', '-q', '-f', file], {});
  },
};

export const contenders: readonly Contender[] = [ours, probe, expressHpm, fastifyProxy, nginx, haproxy];

/** What they all stand before: nginx where it is installed, so that the upstream is not what is measured. */
export const upstream: Contender =
  NGINX === undefined
    ? node('upstream (Node)', './proxies/upstream.ts')
    : {
        name: 'upstream (nginx)',
        start: ({ port }, core, folder) => {
          const file = join(folder, `upstream-${port}.conf`);
          writeFileSync(join(folder, '64k'), 'x'.repeat(65_536));
          writeFileSync(
            file,
            `worker_processes 1; daemon off; pid ${folder}/upstream-${port}.pid; error_log stderr crit;
             events { worker_connections 8192; }
             http { access_log off; keepalive_requests 10000000; keepalive_timeout 300s; sendfile on; tcp_nopush on;
               open_file_cache max=10 inactive=1h; default_type application/json;
               client_body_temp_path ${folder}; proxy_temp_path ${folder};
               fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
               server { listen 127.0.0.1:${port} backlog=1024;
                 location = /64k { root ${folder}; }
                 location / { return 200 '${JSON.stringify({ data: 'x'.repeat(289) })}'; } } }`,
          );
          return startPinned(core, NGINX, ['-c', file], {});
        },
      };

export const nodeUpstream = node('upstream (Node)', './proxies/upstream.ts');
