/** Which requests are traced, by OTEL_TRACES_SAMPLER. A parent is the span that the client names. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/**
 * What OpenTelemetry's variables say of tracing, but for what its SDK reads itself: where to send
 * (OTEL_EXPORTER_OTLP_…) and what the process is called (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES).
 */
export type TracingSettings = {
  readonly sampler: SamplerName;
  /** 0 to 1; of the samplers that have a ratio. */
  readonly ratio: number;
  /** Spans that wait to be sent; more are dropped, and counted. */
  readonly queueSpansMax: number;
  readonly batchSpansMax: number;
  /** From a span to the sending of its batch, at most. */
  readonly delayMs: number;
  /** For one batch, all its attempts together. */
  readonly exportTimeoutMs: number;
};

export type TracingWish = {
  /** Undefined: tracing is off, and nothing of it is loaded. */
  readonly settings: TracingSettings | undefined;
  /** What is wrong with the variables, for the log: as the specification wants it, that stops no start. */
  readonly notes: readonly string[];
};

type Environment = Readonly<Record<string, string | undefined>>;

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
const OFF: TracingWish = { settings: undefined, notes: [] };

/**
 * On where OTEL_TRACES_EXPORTER is `otlp`, or is not set and an endpoint is; OTEL_SDK_DISABLED turns it off again. The
 * names and defaults are those of OpenTelemetry's specification (Environment Variable Specification), but for one:
 * with no variable set, it is off.
 */
export function readTracing(env: Environment): TracingWish {
  const value = (name: string): string | undefined => env[name]?.trim() || undefined;
  if (value('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return OFF;
  const hasEndpoint = ENDPOINTS.some((name) => value(name) !== undefined);
  const exporter = value('OTEL_TRACES_EXPORTER') ?? (hasEndpoint ? 'otlp' : 'none');
  if (exporter === 'none') return OFF;
  if (exporter !== 'otlp') return off('OTEL_TRACES_EXPORTER', 'otlp or none', exporter);
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const protocol = value(name);
    if (protocol !== undefined && protocol !== 'http/protobuf') return off(name, 'http/protobuf', protocol);
    if (protocol !== undefined) break;
  }
  const notes: string[] = [];
  const number = (name: string, fallback: number, min: number, max: number): number => {
    const text = value(name);
    if (text === undefined) return fallback;
    const read = Number(text);
    if (read >= min && read <= max) return read;
    notes.push(`${name} must be from ${min} to ${max}, got ${JSON.stringify(text)}: ${fallback} is used`);
    return fallback;
  };
  const queueSpansMax = Math.ceil(number('OTEL_BSP_MAX_QUEUE_SIZE', 2_048, 1, 1_000_000));
  const settings: TracingSettings = {
    sampler: samplerOf(value('OTEL_TRACES_SAMPLER'), notes),
    ratio: number('OTEL_TRACES_SAMPLER_ARG', 1, 0, 1),
    queueSpansMax,
    batchSpansMax: Math.min(
      queueSpansMax,
      Math.ceil(number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1, 1_000_000)),
    ),
    delayMs: number('OTEL_BSP_SCHEDULE_DELAY', 5_000, 0, 600_000),
    exportTimeoutMs: number('OTEL_BSP_EXPORT_TIMEOUT', 30_000, 1, 600_000),
  };
  return { settings, notes };
}

function samplerOf(text: string | undefined, notes: string[]): SamplerName {
  const fallback = 'parentbased_always_on';
  if (text === undefined) return fallback;
  const found = SAMPLERS.find((name) => name === text);
  if (found !== undefined) return found;
  notes.push(
    `OTEL_TRACES_SAMPLER must be one of ${SAMPLERS.join(', ')}, got ${JSON.stringify(text)}: ${fallback} is used`,
  );
  return fallback;
}

function off(name: string, rule: string, got: string): TracingWish {
  return {
    settings: undefined,
    notes: [`nothing is traced: ${name} must be ${rule}, got ${JSON.stringify(got)}`],
  };
}
