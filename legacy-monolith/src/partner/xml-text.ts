// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those that XML 1.0 forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** A text that XML 1.0 can carry: what it cannot say even escaped becomes the replacement character. */
export function toXmlText(text: string): string {
  return text.toWellFormed().replace(FORBIDDEN, '\ufffd');
}

/** For text and attribute values alike. */
export function escapeXml(text: string): string {
  return toXmlText(text).replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
