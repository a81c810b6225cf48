import type { DataPlan } from '@banyan/gateway/carve-out';
import { createTestDatabase } from '@banyan/stack/testing/database';
import pg from 'pg';
import { type CopyOptions, type CopyResult, copyAggregate } from '../../src/copy-aggregate.ts';
import { installOwnership } from '../../src/install-ownership.ts';
import { ownershipOf } from '../../src/ownership.ts';

/**
 * An aggregate of the tests' own: orders and their items. The monolith keeps amounts as numeric, flags as Y or N and
 * times as wall clock; the service in minor units, booleans and instants.
 */
const MONOLITH_TABLES = `
  CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
  CREATE SEQUENCE orders_id_seq AS bigint START 1 INCREMENT 2;
  CREATE TABLE orders (
    id bigint PRIMARY KEY DEFAULT nextval('orders_id_seq'),
    customer_id bigint NOT NULL REFERENCES customers,
    reference bigint NOT NULL,
    title text NOT NULL,
    note text,
    amount numeric(12, 2) NOT NULL,
    rate numeric NOT NULL,
    currency char(3) NOT NULL,
    gift char(1) NOT NULL CHECK (gift IN ('Y', 'N')),
    document json,
    created_at timestamp(0) NOT NULL,
    paid_at timestamptz(3)
  );
  CREATE TABLE items (
    order_id bigint NOT NULL REFERENCES orders,
    position smallint NOT NULL,
    label text COLLATE "C",
    seat text NOT NULL UNIQUE,
    PRIMARY KEY (order_id, position)
  );
  -- Another context's table, whose rows refer to orders.
  CREATE TABLE reviews (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders);
  CREATE TABLE labels (name text PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders (id));
  INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');
`;

const SERVICE_TABLES = `
  CREATE SCHEMA shop;
  CREATE TYPE shop.wrapping AS ENUM ('GIFT', 'PLAIN');
  CREATE SEQUENCE shop.orders_id_seq AS bigint START 2 INCREMENT 2;
  CREATE TABLE shop.orders (
    id bigint PRIMARY KEY DEFAULT nextval('shop.orders_id_seq'),
    customer_id bigint NOT NULL,
    reference bigint NOT NULL,
    title text NOT NULL,
    note text,
    amount_minor bigint NOT NULL,
    rate numeric NOT NULL,
    currency text NOT NULL,
    wrapping shop.wrapping NOT NULL,
    document json,
    created_at timestamptz NOT NULL,
    paid_at timestamptz
  );
  CREATE TABLE shop.order_items (
    order_id bigint NOT NULL REFERENCES shop.orders,
    position integer NOT NULL,
    label text,
    seat text NOT NULL UNIQUE,
    PRIMARY KEY (order_id, position)
  );
  CREATE TABLE shop.labels (name text PRIMARY KEY, order_id bigint NOT NULL REFERENCES shop.orders);
`;

export const ordersPlan: DataPlan = {
  aggregate: 'shop',
  schema: 'shop',
  tables: [
    {
      table: 'orders',
      key: ['id'],
      columns: [
        ...[
          'id',
          'customer_id',
          'reference',
          'title',
          'note',
          'amount_minor',
          'rate',
          'currency',
          'wrapping',
        ],
        ...['document', 'created_at', 'paid_at'],
      ],
      fromMonolith: `
        SELECT id, customer_id, reference, title, note, (amount * 100)::bigint AS amount_minor, rate,
               currency::text, CASE gift WHEN 'Y' THEN 'GIFT' ELSE 'PLAIN' END AS wrapping, document,
               created_at AT TIME ZONE 'UTC' AS created_at, paid_at
          FROM orders`,
      toMonolith: `
        SELECT id, customer_id, reference, title, note, (amount_minor / 100.0)::numeric(12, 2) AS amount, rate,
               currency, CASE wrapping WHEN 'GIFT' THEN 'Y' ELSE 'N' END AS gift, document,
               created_at AT TIME ZONE 'UTC' AS created_at, paid_at
          FROM orders`,
      sequence: 'orders_id_seq',
    },
    {
      table: 'order_items',
      monolithTable: 'items',
      key: ['order_id', 'position'],
      columns: ['order_id', 'position', 'label', 'seat'],
      fromMonolith: 'SELECT order_id, position::integer, label, seat FROM items',
      toMonolith: 'SELECT order_id, position::smallint, label, seat FROM order_items',
    },
    {
      table: 'labels',
      key: ['name'],
      columns: ['name', 'order_id'],
      fromMonolith: 'SELECT name, order_id FROM labels',
      toMonolith: 'SELECT name, order_id FROM labels',
    },
  ],
};

export type Sides = {
  readonly monolithUrl: string;
  readonly serviceUrl: string;
  readonly monolith: pg.Client;
  readonly service: pg.Client;
  copy(to: 'service' | 'monolith', options?: Partial<CopyOptions>): Promise<CopyResult>;
  /** A further connection to the monolith's database; closed with the others. */
  connect(url?: string): Promise<pg.Client>;
};

/** Two databases with the aggregate in both, owned by the monolith; dropped at the end. */
export async function withSides(work: (sides: Sides) => Promise<void>): Promise<void> {
  const databases = [await createTestDatabase('empty'), await createTestDatabase('empty')];
  const [monolithUrl = '', serviceUrl = ''] = databases.map(({ url }) => url);
  const clients: pg.Client[] = [];
  const connect = async (url = monolithUrl): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    // A test that ends its session from the server's side gets this beside the failed query.
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  try {
    const monolith = await connect();
    const service = await connect(serviceUrl);
    await monolith.query(MONOLITH_TABLES);
    await service.query(SERVICE_TABLES);
    await installSides(monolithUrl, serviceUrl);
    await work({
      monolithUrl,
      serviceUrl,
      monolith,
      service,
      connect,
      copy: (to, options) => copyAggregate({ plan: ordersPlan, monolithUrl, serviceUrl, to, ...options }),
    });
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    for (const database of databases) await database.drop();
  }
}

export async function installSides(monolithUrl: string, serviceUrl: string): Promise<void> {
  await installOwnership(monolithUrl, {
    side: 'monolith',
    aggregates: { shop: ['orders', 'items', 'labels'], reviews: ['reviews'] },
    initialOwner: 'monolith',
  });
  await installOwnership(serviceUrl, {
    side: 'service',
    aggregates: { shop: ['shop.orders', 'shop.order_items', 'shop.labels'] },
    initialOwner: 'monolith',
  });
}

export async function ownersOf({ monolithUrl, serviceUrl }: Sides): Promise<string[]> {
  const records = [await ownershipOf(monolithUrl), await ownershipOf(serviceUrl)];
  return records.map((record) => {
    const own = record?.aggregates.shop;
    return `${own?.owner} ${own?.epoch}`;
  });
}

export type Order = {
  readonly id: string;
  readonly reference: string;
  readonly title: string;
  readonly note: string | null;
  readonly amount: string;
  readonly rate: string;
  readonly gift: 'Y' | 'N';
  readonly document: string | null;
  readonly createdAt: string;
  readonly paidAt: string | null;
  readonly items: readonly (string | null)[];
};

export async function insertOrder(client: pg.Client, order: Order): Promise<void> {
  await client.query(
    `INSERT INTO orders (id, customer_id, reference, title, note, amount, rate, currency, gift, document,
                         created_at, paid_at)
     VALUES ($1, 1, $2, $3, $4, $5, $6, 'EUR', $7, $8, $9, $10)`,
    [
      ...[order.id, order.reference, order.title, order.note, order.amount, order.rate, order.gift],
      ...[order.document, order.createdAt, order.paidAt],
    ],
  );
  for (const [index, label] of order.items.entries()) {
    await client.query('INSERT INTO items (order_id, position, label, seat) VALUES ($1, $2, $3, $4)', [
      ...[order.id, index, label, `${order.id}/${index}`],
    ]);
  }
}

export async function fillOrders(client: pg.Client, count: number): Promise<void> {
  await client.query(
    `INSERT INTO orders (customer_id, reference, title, note, amount, rate, currency, gift, document,
                         created_at, paid_at)
     SELECT 1 + n % 2, 9007199254740993 + n, 'Order ' || n || ' – naïve 漢字 ' || E'tab\\tline\\nback\\\\slash',
            CASE WHEN n % 3 = 0 THEN NULL ELSE '' END, n / 100.0, n / 7.0, 'EUR',
            CASE WHEN n % 2 = 0 THEN 'Y' ELSE 'N' END, json_build_object('n', n),
            timestamp '2026-01-01' + n * interval '1 minute', NULL
       FROM generate_series(1, $1::int) AS n`,
    [count],
  );
  await client.query(
    `INSERT INTO items SELECT id, p, 'item ' || p, id || '/' || p FROM orders, generate_series(1, 2) AS p`,
  );
}

/** Every row of the monolith's tables as text, in the order of their keys. */
export async function dump(client: pg.Client): Promise<string> {
  const texts: string[] = [];
  for (const [table, key] of [
    ['orders', 'id'],
    ['items', 'order_id, position'],
    ['labels', 'name COLLATE "C"'],
  ]) {
    const { rows } = await client.query<{ row: string }>(
      `SELECT ROW(t.*)::text AS row FROM ${table} t ORDER BY ${key}`,
    );
    texts.push(`${table}:`, ...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}
