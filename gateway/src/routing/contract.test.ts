import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readContract } from './contract.ts';

const document = (paths: unknown, more: object = {}) => ({ openapi: '3.1.0', paths, ...more });
const rules = (value: unknown) => readContract(value).faults.map(({ where, rule }) => `${where}: ${rule}`);

describe('a contract', () => {
  it('gives its operations, below the path of its servers', () => {
    const { operations, faults } = readContract(
      document(
        { '/a/{id}': { parameters: [], get: { operationId: 'getA' }, delete: { operationId: 'dropA' } } },
        {
          servers: [
            { url: 'https://one.example/v1/' },
            { url: '/{stage}', variables: { stage: { default: 'v1' } } },
          ],
        },
      ),
    );
    assert.deepEqual(faults, []);
    assert.deepEqual(operations, [
      { operationId: 'getA', method: 'GET', path: '/v1/a/{id}' },
      { operationId: 'dropA', method: 'DELETE', path: '/v1/a/{id}' },
    ]);
  });

  it('may refer to path items of its own', () => {
    const pathItems = { a: { get: { operationId: 'getA' } } };
    const { operations } = readContract(
      document({ '/a': { $ref: '#/components/pathItems/a' } }, { components: { pathItems } }),
    );
    assert.equal(operations[0]?.operationId, 'getA');
  });

  for (const [title, value, expected] of [
    ['that is no OpenAPI 3', { swagger: '2.0' }, ['openapi: must be an OpenAPI 3 document']],
    ['that is nothing', null, ['openapi: must be an OpenAPI 3 document']],
    ['without operations', document({}), ['paths: must describe at least one operation']],
    [
      'with an operation without a name',
      document({ '/a': { get: {} } }),
      ['GET /a: must have an operationId'],
    ],
    [
      'with one name twice',
      document({ '/a': { get: { operationId: 'x' }, put: { operationId: 'x' } } }),
      ['PUT /a: has the operationId of GET /a, x'],
    ],
    [
      'with a broken template',
      document({ '/a/{': { get: { operationId: 'x' } } }),
      ['/a/{: a brace without its partner'],
    ],
    [
      'with servers that differ',
      document({ '/a': { get: { operationId: 'x' } } }, { servers: [{ url: '/v1' }, { url: '/v2' }] }),
      ['servers: must all have one base path; "/v1" and "/v2" differ'],
    ],
    [
      'with a path item from elsewhere',
      document({ '/a': { $ref: 'other.yaml' } }),
      ['/a: must be a path item of this document'],
    ],
  ] as [string, unknown, string[]][]) {
    it(`${title} is refused`, () => assert.deepEqual(rules(value), expected));
  }
});
