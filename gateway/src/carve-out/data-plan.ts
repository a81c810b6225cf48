/**
 * How an aggregate's rows are the same rows on both sides. SQL text, so that either database does the mapping, and
 * written once per direction.
 */
export type DataPlan = {
  /** Tables in the order in which they may be filled: what is referred to comes first. */
  readonly tables: readonly TablePlan[];
};

export type TablePlan = {
  /** The service's table, such as `invoices`. */
  readonly table: string;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** The service's columns, in the order of `fromMonolith`. */
  readonly columns: readonly string[];
  /** `SELECT` of the service's columns from the monolith's tables. */
  readonly fromMonolith: string;
  /** `SELECT` of the monolith's columns from the service's tables. */
  readonly toMonolith: string;
  /** Whose next value must be above every id that either side has given. */
  readonly sequence?: string;
};
