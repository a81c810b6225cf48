import type { BookingServiceClient } from '@banyan/contracts/booking/v1/booking';
import {
  type Answer,
  type FieldsRefusal,
  type Problem,
  problemAnswer,
  readFields,
  readIdempotencyKey,
  type ServiceCalls,
  ServiceRefusal,
  type TranslationContext,
  type TranslationRequest,
} from '@banyan/gateway/carve-out';
import type { Problem as DescribedProblem, MessageSent } from '@banyan/openapi/generated/bff';
import { parseId } from '@meridian/habits/query';
import { type OnWire, rawInteger } from '@meridian/habits/values';

type Kind = DescribedProblem['type'] extends `/problems/${infer Each}` ? Each : never;
type Fault = { readonly field: string; readonly rule: string };

export const MESSAGE_BYTES_MAX = 65_536;

/** A refusal of the message: thrown where it is found, answered once. */
class Refused extends Error {
  readonly answer: Answer;

  constructor(problem: Problem & { readonly kind: Kind }) {
    super(problem.kind);
    this.answer = problemAnswer(problem);
  }
}

/** Checks come in this order: role, body, its members, the flight. */
export async function sendFlightMessage(
  request: TranslationRequest,
  service: Pick<ServiceCalls<BookingServiceClient>, 'notifyPassengers'>,
  { identity }: Pick<TranslationContext, 'identity'>,
): Promise<Answer> {
  try {
    if (identity.role !== 'agent') throw forbidden();
    const { subject, text } = await readMessage(request);
    const flightId = parseId(request.params.id ?? '');
    if (flightId === null) throw noSuchFlight();
    const idempotencyKey = readIdempotencyKey(request.headers) ?? undefined;
    const { mailCount } = await service.notifyPassengers({ flightId, subject, text, idempotencyKey });
    const sent: OnWire<MessageSent> = { flightId: rawInteger(flightId), mails: mailCount };
    const body = Buffer.from(JSON.stringify(sent));
    return { status: 200, headers: [['Content-Type', 'application/json']], body };
  } catch (error) {
    const refused = error instanceof ServiceRefusal ? refusedBy(error) : error;
    if (refused instanceof Refused) return refused.answer;
    throw error;
  }
}

type Unreadable = readonly [kind: Kind, status: number, title: string, detail: string];

const BODY_REFUSALS: Readonly<Record<FieldsRefusal, Unreadable>> = {
  'unsupported-media-type': unsupported(),
  'too-large': ['body-too-large', 413, 'The body is too large', 'A message may have 64 KB.'],
  'cut-off': malformed('The request was cut off.'),
  'bad-encoding': malformed('The body does not match its Content-Encoding.'),
  'bad-json': malformed('The body is not valid JSON.'),
  'no-object': malformed('The body must be a JSON object.'),
};

function malformed(detail: string): Unreadable {
  return ['malformed-body', 400, 'The body cannot be read', detail];
}

function unsupported(): Unreadable {
  return [
    'unsupported-media-type',
    415,
    'The body is not JSON',
    'The body must be application/json in UTF-8.',
  ];
}

function unreadable([kind, status, title, detail]: Unreadable): Refused {
  return new Refused({ kind, status, title, detail });
}

async function readMessage(request: TranslationRequest): Promise<{ subject: string; text: string }> {
  const fields = await readFields(request);
  if (fields.kind === 'refused') throw unreadable(BODY_REFUSALS[fields.reason]);
  if (fields.kind === 'form') throw unreadable(unsupported());
  // What is not UTF-8 was read as that; nobody is written to in characters that the sender did not mean.
  if (fields.text.includes('\uFFFD')) throw unreadable(malformed('The body is not UTF-8.'));
  const { subject, text } = fields.values;
  const faults = Object.entries({ subject, text })
    .filter(([, value]) => typeof value !== 'string')
    .map(([field, value]) => ({ field, rule: value === undefined ? RULES.required : 'must be a string' }));
  if (typeof subject === 'string' && typeof text === 'string') return { subject, text };
  throw invalid(faults);
}

const RULES = {
  required: 'is required',
  too_long: 'is too long',
  characters: 'holds characters that are not allowed',
};

function refusedBy({ reason, violations, metadata }: ServiceRefusal): Refused | undefined {
  switch (reason) {
    case 'ROLE_FORBIDDEN':
      return forbidden();
    case 'FLIGHT_NOT_FOUND':
      return noSuchFlight();
    case 'INVALID_FIELD': {
      const told =
        violations.length > 0
          ? violations
          : [{ field: metadata.field ?? '', description: metadata.rule ?? '' }];
      return invalid(
        told.map(({ field, description }) => ({
          field,
          rule: RULES[description as keyof typeof RULES] ?? 'is not valid',
        })),
      );
    }
    default:
      return undefined;
  }
}

function forbidden(): Refused {
  return new Refused({
    kind: 'forbidden',
    status: 403,
    title: 'Your role may not do this',
    detail: 'Only agents send messages to passengers.',
  });
}

function noSuchFlight(): Refused {
  return new Refused({
    kind: 'no-such-flight',
    status: 404,
    title: 'There is no such flight',
    detail: 'No flight has this id.',
  });
}

function invalid(faults: readonly Fault[]): Refused {
  return new Refused({
    kind: 'invalid-message',
    status: 422,
    title: 'The message is not valid',
    detail: faults.map(({ field, rule }) => `${field} ${rule}`).join('; '),
    facts: { faults },
  });
}
