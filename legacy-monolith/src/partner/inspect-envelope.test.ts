import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { inspectEnvelope } from './inspect-envelope.ts';
import { SoapFault } from './soap-fault.ts';

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
const SERVICE = 'http://meridian.example/soap/booking';

function envelope(body: string, header = ''): string {
  const head = header && `<s:Header>${header}</s:Header>`;
  return `<s:Envelope xmlns:s="${ENVELOPE}" xmlns:b="${SERVICE}">${head}<s:Body>${body}</s:Body></s:Envelope>`;
}
const GET = '<b:GetBooking><b:reference>K7Q2XM</b:reference></b:GetBooking>';

function faultOf(xml: string): string {
  try {
    inspectEnvelope(xml);
  } catch (error) {
    assert.ok(error instanceof SoapFault, String(error));
    return `${error.faultCode}: ${error.message}`;
  }
  return 'none';
}

describe('an envelope', () => {
  test('tells its operation and key, whatever the prefixes', () => {
    assert.deepEqual(inspectEnvelope(envelope(GET)), { operation: 'GetBooking', apiKey: null });
    assert.deepEqual(inspectEnvelope(envelope(GET, '<b:ApiKey> mk_1 </b:ApiKey>')), {
      operation: 'GetBooking',
      apiKey: 'mk_1',
    });
    assert.deepEqual(
      inspectEnvelope(
        `\ufeff<?xml version="1.0" encoding="utf-8"?>\n<Envelope xmlns="${ENVELOPE}"><Header><ApiKey xmlns="${SERVICE}"><![CDATA[mk_2]]></ApiKey></Header><Body><CreateBooking xmlns="${SERVICE}"/></Body></Envelope>`,
      ),
      { operation: 'CreateBooking', apiKey: 'mk_2' },
    );
    // Another one's header of that name is none of ours.
    assert.equal(inspectEnvelope(envelope(GET, '<ApiKey>mk_1</ApiKey>')).apiKey, null);
  });

  test('with a document type is refused before anything in it is read', () => {
    const laughs = Array.from({ length: 9 }, (_, level) => {
      const references = `&lol${level};`.repeat(10);
      return `<!ENTITY lol${level + 1} "${references}">`;
    }).join('');
    const refused = 'Client: A SOAP message must not contain a document type declaration.';
    assert.equal(
      faultOf(
        `<!DOCTYPE lolz [<!ENTITY lol0 "lol">${laughs}]>${envelope('<b:GetBooking>&lol9;</b:GetBooking>')}`,
      ),
      refused,
    );
    assert.equal(
      faultOf(
        `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${envelope('<b:GetBooking><b:reference>&x;</b:reference></b:GetBooking>')}`,
      ),
      refused,
    );
    assert.equal(faultOf(`<!DOCTYPE r SYSTEM "http://127.0.0.1:1/evil.dtd">${envelope(GET)}`), refused);
  });

  test('with an entity that XML does not have, or that is cut off, is not well-formed', () => {
    for (const xml of [
      'hello',
      '{"reference":"K7Q2XM"}',
      envelope('<b:GetBooking>&x;</b:GetBooking>'),
      envelope('<b:GetBooking>&nbsp;</b:GetBooking>'),
      envelope(GET).slice(0, -5),
      envelope('<x:GetBooking/>'),
      `${envelope(GET)}<more/>`,
      envelope(GET) + envelope(GET),
    ]) {
      assert.equal(faultOf(xml), 'Client: The message is not well-formed XML.', xml);
    }
  });

  test('of another version, or with a mandatory header that nobody knows, gets the fault of SOAP 1.1', () => {
    assert.equal(
      faultOf(envelope(GET).replace(ENVELOPE, 'http://www.w3.org/2003/05/soap-envelope')),
      'VersionMismatch: This service speaks SOAP 1.1.',
    );
    const security = (attributes: string) => envelope(GET, `<w:Security xmlns:w="urn:w" ${attributes}/>`);
    assert.equal(faultOf(security('')), 'none');
    assert.equal(faultOf(security('s:mustUnderstand="0"')), 'none');
    assert.equal(faultOf(security('s:mustUnderstand="1" s:actor="urn:other"')), 'none');
    assert.equal(
      faultOf(security('s:mustUnderstand="1"')),
      'MustUnderstand: A mandatory header is not understood.',
    );
    assert.equal(faultOf(envelope(GET, '<b:ApiKey s:mustUnderstand="1">mk_1</b:ApiKey>')), 'none');
  });

  test('that would lead the library astray is refused', () => {
    const parts: [string, RegExp][] = [
      [envelope(''), /one element/],
      [envelope(GET + GET), /one element/],
      [envelope('<GetBooking/>'), /no operation/],
      ['<Envelope/>', /speaks SOAP 1.1/],
      ['<booking/>', /no SOAP envelope/],
      [`<s:Envelope xmlns:s="${ENVELOPE}"/>`, /one element/],
      [envelope(GET).replace('<s:Body>', '<s:Body/><s:Body>'), /one Body/],
      [envelope('<b:GetBooking><b:__proto__/></b:GetBooking>'), /not allowed/],
      [envelope('<b:GetBooking constructor="1"/>'), /not allowed/],
      [envelope('<b:GetBooking href="#1"/>'), /References/],
      [envelope('<b:GetBooking><![CDATA[<?xml version="1.0"?><a/>]]></b:GetBooking>'), /CDATA/],
      [envelope(`<?php echo 1 ?>${GET}`), /processing instructions/],
      [`<?xml-stylesheet href="x"?>${envelope(GET)}`, /processing instructions/],
      [envelope(`<b:GetBooking>${'<b:a>'.repeat(30)}${'</b:a>'.repeat(30)}</b:GetBooking>`), /too deep/],
      [envelope(`<b:GetBooking>${'<b:a/>'.repeat(3000)}</b:GetBooking>`), /too many parts/],
      [envelope(GET, `<b:ApiKey>${'k'.repeat(300)}</b:ApiKey>`), /too long/],
      [envelope(GET, '<b:ApiKey><b:a/></b:ApiKey>'), /text only/],
    ];
    for (const [xml, fault] of parts) assert.match(faultOf(xml), fault, xml.slice(0, 200));
  });

  test('that is anything at all is read or gets a fault, and nothing else', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '/',
        '</',
        's:Body',
        'b:GetBooking',
        ' ',
        '"',
        '=',
        '&',
        ';',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        '<?',
        '?>',
        '<!DOCTYPE',
        GET,
        '\0',
        'ü',
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        faultOf(parts.join(''));
        faultOf(envelope(parts.join('')));
        faultOf(envelope(GET, parts.join('')));
      }),
      { numRuns: 500 },
    );
  });
});
