import sax from 'sax';
import { ENVELOPE_NAMESPACE, malformed, SERVICE_NAMESPACE, SoapFault } from './soap-fault.ts';

/** What has to be known of a message before the SOAP library may see it. */
export type InspectedEnvelope = {
  /** The local name of the body's one element, in the service's namespace. */
  operation: string;
  /** The text of the SOAP header `ApiKey`. */
  apiKey: string | null;
};

/** The types do not know that the parser would else take HTML's entities for XML's. */
const OPTIONS = { xmlns: true, strictEntities: true };
const DEPTH_MAX = 20;
const ELEMENTS_MAX = 2000;
const ATTRIBUTES_MAX = 20;
const API_KEY_LENGTH_MAX = 200;
const ACTOR_NEXT = 'http://schemas.xmlsoap.org/soap/actor/next';

type Attributes = sax.QualifiedTag['attributes'];

/**
 * Reads an envelope through once and throws the fault of what is wrong with it. The library that does the work
 * is lenient: it follows `href`s, parses XML inside of CDATA, and takes an element's name for a property's. What
 * it could be led astray with is refused here: SOAP 1.1 forbids document types and processing instructions
 * (section 3) anyway, and so there are no entities to expand and none to fetch.
 */
export function inspectEnvelope(xml: string): InspectedEnvelope {
  const parser = sax.parser(true, OPTIONS);
  const path: string[] = [];
  const operations: sax.QualifiedTag[] = [];
  let elements = 0;
  let hasBody = false;
  let apiKey: string | null = null;

  parser.onerror = () => {
    // The parser's message quotes the input.
    throw malformed('The message is not well-formed XML.');
  };
  parser.ondoctype = () => {
    throw malformed('A SOAP message must not contain a document type declaration.');
  };
  parser.onprocessinginstruction = ({ name }) => {
    // The XML declaration looks like one.
    if (name.toLowerCase() !== 'xml' || path.length > 0 || elements > 0) {
      throw malformed('A SOAP message must not contain processing instructions.');
    }
  };
  parser.onopentag = (node) => {
    const tag = node as sax.QualifiedTag;
    elements += 1;
    path.push(tag.local);
    refuseExcess(tag, path.length, elements);
    const place = path.slice(0, -1).join('/');
    if (place === '' && elements > 1) throw malformed('The message is not well-formed XML.');
    if (place === '') refuseOtherEnvelope(tag);
    else if (place === 'Envelope') {
      if (tag.uri !== ENVELOPE_NAMESPACE || (tag.local !== 'Header' && tag.local !== 'Body') || hasBody) {
        throw malformed('An Envelope holds one Header, or none, and then one Body.');
      }
      hasBody = tag.local === 'Body';
    } else if (place === 'Envelope/Header') {
      if (isApiKey(tag)) apiKey = '';
      else refuseMandatory(tag);
    } else if (place === 'Envelope/Body') operations.push(tag);
    else if (place === 'Envelope/Header/ApiKey' && apiKey !== null) {
      throw malformed('ApiKey holds text only.');
    }
  };
  parser.onclosetag = () => {
    path.pop();
  };
  const onText = (text: string): void => {
    if (apiKey === null || path.join('/') !== 'Envelope/Header/ApiKey') return;
    apiKey += text;
    if (apiKey.length > API_KEY_LENGTH_MAX) throw malformed('ApiKey is too long.');
  };
  parser.ontext = onText;
  parser.oncdata = (text) => {
    if (text.includes('<?')) throw malformed('A CDATA section must not hold a document.');
    onText(text);
  };

  parser.write(xml).close();
  const operation = operations[0];
  if (!operation || operations.length > 1) throw malformed('The Body must hold one element.');
  if (operation.uri !== SERVICE_NAMESPACE) throw malformed('The Body holds no operation of this service.');
  return { operation: operation.local, apiKey: (apiKey as string | null)?.trim() ?? null };
}

function refuseExcess(tag: sax.QualifiedTag, depth: number, elements: number): void {
  const names = Object.keys(tag.attributes);
  if (depth > DEPTH_MAX || elements > ELEMENTS_MAX || names.length > ATTRIBUTES_MAX) {
    throw malformed('The message is too deep or has too many parts.');
  }
  if (names.includes('href')) throw malformed('References between elements are not supported.');
  // `__proto__`, `constructor` and the like: no name of ours.
  if ([tag.local, ...names].some((name) => name in Object.prototype)) {
    throw malformed('The message has an element that is not allowed.');
  }
}

function refuseOtherEnvelope(tag: sax.QualifiedTag): void {
  if (tag.local !== 'Envelope') throw malformed('The message is no SOAP envelope.');
  if (tag.uri !== ENVELOPE_NAMESPACE) {
    throw new SoapFault('VersionMismatch', 'This service speaks SOAP 1.1.');
  }
}

function isApiKey(tag: sax.QualifiedTag): boolean {
  return tag.local === 'ApiKey' && tag.uri === SERVICE_NAMESPACE;
}

/** SOAP 1.1, section 4.2.3: a header for us that insists on being understood, and is not. */
function refuseMandatory(tag: sax.QualifiedTag): void {
  const actor = envelopeAttribute(tag.attributes, 'actor');
  const isForUs = actor === undefined || actor === '' || actor === ACTOR_NEXT;
  const insists = ['1', 'true'].includes(envelopeAttribute(tag.attributes, 'mustUnderstand') ?? '');
  if (isForUs && insists) throw new SoapFault('MustUnderstand', 'A mandatory header is not understood.');
}

function envelopeAttribute(attributes: Attributes, local: string): string | undefined {
  const found = Object.values(attributes).find(
    (each) => each.local === local && each.uri === ENVELOPE_NAMESPACE,
  );
  return found?.value.trim();
}
