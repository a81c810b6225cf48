/**
 * How the rows of an aggregate look on either side of a carve-out. The mapping exists once per direction, as SQL:
 * the mover copies and verifies by it, and the views of the shared storage are made from it.
 */
export type DataPlan = {
  /** What is owned together; the name in `banyan.own` of both databases. */
  readonly aggregate: string;
  /** Schema of the aggregate's tables in the service's database. `toMonolith` is read with it as search path. */
  readonly schema: string;
  /** Schema of the tables in the monolith's database, `public` unless told. `fromMonolith` is read with it. */
  readonly monolithSchema?: string;
  /** Settings of the session that writes rows into the monolith's tables, such as one that quiets their triggers. */
  readonly monolithSettings?: Readonly<Record<string, string>>;
  /** In the order of their foreign keys: a table comes after those it refers to. */
  readonly tables: readonly TablePlan[];
  /**
   * While the monolith owns, a service reads views of the monolith's tables, made from `fromMonolith`. These are
   * further ones, by name: for what it reads beside its aggregate, in the shape of its own copies.
   */
  readonly sharedViews?: Readonly<Record<string, string>>;
};

export type TablePlan = {
  /** Its name in the service's schema, and in the monolith's unless `monolithTable` says otherwise. */
  readonly table: string;
  readonly monolithTable?: string;
  /** The columns of a unique index that is not partial, in the service's table. */
  readonly key: readonly string[];
  /** The same in the monolith's table, where the names differ. */
  readonly monolithKey?: readonly string[];
  /** The service's columns, each of which `fromMonolith` gives, and no other. */
  readonly columns: readonly string[];
  /**
   * A SELECT over the monolith's tables that gives the service's columns by name, in the types of the service's
   * table. What one direction rounds, shortens or leaves out is found by the copy, which refuses.
   */
  readonly fromMonolith: string;
  /**
   * A SELECT over the service's tables that gives the monolith's columns by name. A column of the monolith's that it
   * does not give keeps its value in rows that are there already, and gets its default in new ones.
   */
  readonly toMonolith: string;
  /** Where the ids of this table come from, if a sequence allots them. */
  readonly sequence?: string | SequencePlan;
};

/**
 * The monolith allots odd ids and the service even ones; whoever becomes the owner begins above all ids of both. A
 * bare name stands for a sequence of that name on both sides which feeds the first column of the key.
 */
export type SequencePlan = {
  readonly monolith: string;
  readonly service: string;
  /** The column it feeds in the service's table. */
  readonly column: string;
  /** The same in the monolith's table, where the names differ. */
  readonly monolithColumn?: string;
};
