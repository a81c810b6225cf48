import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTracing, SAMPLERS } from './tracing-settings.ts';

const isOn = (env: Record<string, string>) => readTracing(env).settings !== undefined;
const noted = (env: Record<string, string>) => readTracing(env).notes.join('\n');

describe('tracing', () => {
  it('is off with no variable set, and with those that say nothing of where to', () => {
    for (const env of [
      {},
      { OTEL_SERVICE_NAME: 'gw' },
      { OTEL_TRACES_SAMPLER: 'always_on' },
      { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' },
      { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    ]) {
      assert.deepEqual(readTracing(env), { settings: undefined, notes: [] }, JSON.stringify(env));
    }
  });

  it('is on by an exporter or an endpoint, until OTEL_SDK_DISABLED', () => {
    assert.ok(isOn({ OTEL_TRACES_EXPORTER: 'otlp' }));
    assert.ok(isOn({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }));
    assert.ok(isOn({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }));
    assert.ok(!isOn({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'TRUE' }));
    assert.ok(isOn({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'false' }));
  });

  it('stays off, and says so, for an exporter or a protocol that is not built in', () => {
    for (const [name, value] of [
      ['OTEL_TRACES_EXPORTER', 'zipkin'],
      ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
      ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/json'],
    ] as const) {
      const env = { OTEL_TRACES_EXPORTER: 'otlp', [name]: value };
      assert.ok(!isOn(env), name);
      assert.match(noted(env), new RegExp(`nothing is traced: ${name} must be .*, got "${value}"`));
    }
    const own = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' };
    assert.ok(isOn({ OTEL_TRACES_EXPORTER: 'otlp', ...own }), 'the protocol of traces wins');
  });

  it('has the defaults of the specification, and what is set', () => {
    const on = { OTEL_TRACES_EXPORTER: 'otlp' };
    assert.deepEqual(readTracing(on).settings, {
      sampler: 'parentbased_always_on',
      ratio: 1,
      queueSpansMax: 2_048,
      batchSpansMax: 512,
      delayMs: 5_000,
      exportTimeoutMs: 30_000,
    });
    assert.deepEqual(
      readTracing({
        ...on,
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
        OTEL_BSP_MAX_QUEUE_SIZE: '100',
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_BSP_EXPORT_TIMEOUT: '900',
      }),
      {
        settings: {
          sampler: 'traceidratio',
          ratio: 0.25,
          queueSpansMax: 100,
          batchSpansMax: 100,
          delayMs: 50,
          exportTimeoutMs: 900,
        },
        notes: [],
      },
    );
    for (const sampler of SAMPLERS) {
      assert.equal(readTracing({ ...on, OTEL_TRACES_SAMPLER: sampler }).settings?.sampler, sampler);
    }
  });

  it('goes on with the default for a value that it cannot use, and names variable, rule and value', () => {
    for (const [name, value] of [
      ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
      ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
      ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
      ['OTEL_BSP_SCHEDULE_DELAY', 'soon'],
    ] as const) {
      const env = { OTEL_TRACES_EXPORTER: 'otlp', [name]: value };
      assert.deepEqual(readTracing(env).settings, readTracing({ OTEL_TRACES_EXPORTER: 'otlp' }).settings);
      assert.match(noted(env), new RegExp(`^${name} must be .*, got "${value}": .* is used$`));
    }
  });
});
