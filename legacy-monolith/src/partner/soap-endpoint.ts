import { AsyncLocalStorage } from 'node:async_hooks';
import { listen, type Server } from 'soap';
import type { Caller } from '../auth/caller.ts';
import { asElement, type Element } from './booking-messages.ts';
import type { BookingService, Operation } from './booking-service.ts';

export const SOAP_PATH = '/soap/booking';

/** Carries an operation out: the envelope that asks, to the envelope that answers. Throws what the service throws. */
export type SoapEndpoint = (caller: Caller, xml: string) => Promise<string>;

type Call = { caller: Caller; failure?: { error: unknown } };

/** The types whose text the domain's own rules judge; the library would round, guess and forgive. */
const asText = (text: string): string => text;
const AS_TEXT = { long: asText, date: asText, boolean: asText };

/**
 * The SOAP library between XML and objects. It has no notion of a caller, and writes faults in its own way; so
 * the caller travels beside the call, and a failure is kept and thrown to whoever asked.
 */
export function createSoapEndpoint(wsdl: string, service: BookingService): SoapEndpoint {
  const calls = new AsyncLocalStorage<Call>();
  let server: Promise<Server> | undefined;

  const operation =
    (name: Operation) =>
    async (parameters: unknown): Promise<Element> => {
      const call = calls.getStore();
      if (!call) throw new Error('an operation was called outside of a call');
      try {
        return await service[name](call.caller, asElement(parameters));
      } catch (error) {
        call.failure = { error };
        throw error;
      }
    };

  // Resolves when the WSDL has been read, which `createServerless` does not wait for.
  const start = (): Promise<Server> =>
    new Promise((resolve, reject) => {
      listen(null, {
        path: SOAP_PATH,
        xml: wsdl,
        services: {
          BookingService: {
            BookingPort: { GetBooking: operation('GetBooking'), CreateBooking: operation('CreateBooking') },
          },
        },
        callback: (error, started) => (error ? reject(error) : resolve(started)),
        // Not among the declared options of a server, but handed on to its reader.
        ...{ customDeserializer: AS_TEXT },
      });
    });

  return async (caller, xml) => {
    server ??= start();
    const library = await server;
    const call: Call = { caller };
    // No SOAPAction among the headers: the element in the body says what is wanted.
    const { body, statusCode } = await calls.run(call, () => library.processRequest(xml, { headers: {} }));
    if (call.failure) throw call.failure.error;
    if (statusCode !== 200 || !body.startsWith('<?xml')) throw new Error('the SOAP library did not answer');
    return body;
  };
}
