import { extractText, getDocumentProxy } from 'unpdf';

/** The text of a PDF, its pages one after the other; throws where the bytes are none. */
export async function textOfPdf(bytes: Uint8Array): Promise<string> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(bytes)), { mergePages: true });
  return text;
}
