import { readFileSync } from 'node:fs';
import { type Request, type Response, Router } from 'express';
import { apiKeyOf, identifyKey } from '../auth/guards.ts';
import { readBody } from '../http/body.ts';
import { Refusal } from '../http/refusal.ts';
import type { RouterParts } from '../parts.ts';
import { createBookingService, OPERATIONS } from './booking-service.ts';
import { inspectEnvelope } from './inspect-envelope.ts';
import { createSoapEndpoint, SOAP_PATH } from './soap-endpoint.ts';
import { faultEnvelope, malformed, type SoapFault, toSoapFault } from './soap-fault.ts';
import { escapeXml } from './xml-text.ts';

const WSDL = readFileSync(new URL('./booking-service.wsdl', import.meta.url), 'utf8');
const ADDRESS_IN_WSDL = 'location="http://localhost/soap/booking"';
const XML = 'text/xml; charset=utf-8';

/** `/soap/booking`: SOAP 1.1 for partners, and its WSDL. */
export function createPartnerRouter(parts: RouterParts): Router {
  const { pool, logger, randomBytes, border } = parts;
  const endpoint = createSoapEndpoint(WSDL, createBookingService(pool, border.bookingsOf));
  const router = Router();

  router.get(SOAP_PATH, (req, res) => {
    const asksForWsdl = Object.keys(req.query).some((name) => name.toLowerCase() === 'wsdl');
    if (!asksForWsdl) return sendMethodNotAllowed(res);
    res.set('Content-Type', XML).send(WSDL.replace(ADDRESS_IN_WSDL, () => addressFor(req)));
  });

  router.post(SOAP_PATH, async (req, res) => {
    try {
      const xml = await readXml(req);
      const { operation, apiKey } = inspectEnvelope(xml);
      // As everywhere, a key in the HTTP header alone counts.
      const key = apiKeyOf(req) ?? apiKey;
      const identity = key === null ? null : await identifyKey(pool, key);
      if (key === null || identity === null)
        throw new Refusal('unauthorized', 'Please send a valid API key.');
      req.identity = identity;
      if (!OPERATIONS.some((each) => each === operation)) {
        throw malformed(`This service has the operations ${OPERATIONS.join(' and ')}.`);
      }
      res.set('Content-Type', XML).send(await endpoint({ identity, credentials: { apiKey: key } }, xml));
    } catch (error) {
      const { fault, isUnexpected } = toSoapFault(error);
      if (isUnexpected) {
        logger.error({ err: error, errorId: randomBytes(8).toString('hex') }, 'a SOAP operation failed');
      }
      sendFault(res, fault);
    }
  });

  router.all(SOAP_PATH, (_req, res) => sendMethodNotAllowed(res));
  return router;
}

/** The address under which the partner asked, also through whatever stands in front of us. */
function addressFor(req: Request): string {
  const host = req.headers.host ?? '';
  const isHost = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(host);
  return `location="${escapeXml(`${req.protocol}://${isHost ? host : 'localhost'}${SOAP_PATH}`)}"`;
}

async function readXml(req: Request): Promise<string> {
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters
    .map((parameter) => parameter.split('='))
    .find(([name]) => name?.trim() === 'charset')?.[1]
    ?.replaceAll(/["']/g, '')
    .trim();
  const bytes = await readBody(req, {
    isAccepted: type.trim() === 'text/xml' && ['utf-8', 'us-ascii', undefined].includes(charset),
    unsupported: 'A SOAP 1.1 message is text/xml in UTF-8.',
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Which byte it was helps nobody who cannot see what his library sent.
    throw malformed('The message is not UTF-8.');
  }
}

function sendFault(res: Response, fault: SoapFault): void {
  if (fault.retryAfterSeconds !== undefined) res.set('Retry-After', String(fault.retryAfterSeconds));
  res.status(fault.status).set('Content-Type', XML).send(faultEnvelope(fault));
}

function sendMethodNotAllowed(res: Response): void {
  res.status(405).set('Allow', 'GET, HEAD, POST').type('text/plain');
  res.send(`Send SOAP 1.1 messages by POST. The WSDL is at ${SOAP_PATH}?wsdl.\n`);
}
