import type { Case } from '../kit/case.ts';
import { attackCases } from './attacks.ts';
import { bodyCases } from './bodies.ts';
import { failureCases } from './failures.ts';
import { headerCases } from './headers.ts';
import { loadCases } from './load.ts';
import { requestLineCases } from './request-line.ts';
import { streamCases } from './streams.ts';
import { upgradeCases } from './upgrades.ts';

/** The promise of the data path, clause by clause. */
export const conformanceCases: readonly Case[] = [
  ...requestLineCases,
  ...headerCases,
  ...bodyCases,
  ...upgradeCases,
  ...failureCases,
  ...attackCases,
  ...streamCases,
  ...loadCases,
];
