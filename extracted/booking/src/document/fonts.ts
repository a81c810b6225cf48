import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create, type Font } from 'fontkit';
import { unpackWoff } from './woff.ts';

const { resolve } = createRequire(import.meta.url);
const houseFolder = join(dirname(resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** The fonts of the house: Latin, Greek, Cyrillic, Arabic, Hebrew, Armenian, Georgian. */
const HOUSE_FONTS = {
  regular: readFileSync(join(houseFolder, 'DejaVuSans.ttf')),
  bold: readFileSync(join(houseFolder, 'DejaVuSans-Bold.ttf')),
  mono: readFileSync(join(houseFolder, 'DejaVuSansMono-Bold.ttf')),
} as const;

export type HouseFont = keyof typeof HOUSE_FONTS;

/** Has every character of Unicode's first plane, in one plain weight: Chinese, Japanese, Korean, Thai, Devanagari, … */
const WORLD_FONT = 'world';
const worldFile = join(dirname(resolve('@fontsource/unifontex/package.json')), 'files');

const parsed = new Map<HouseFont, Font>();
let worldBytes: Buffer | undefined;

/** Makes the fonts known to a document by their names. The large one is read when a document first needs it. */
export function registerFonts(paper: PDFKit.PDFDocument): void {
  for (const [name, bytes] of Object.entries(HOUSE_FONTS)) paper.registerFont(name, bytes);
}

/** Takes the font that is wanted, or for a text beyond its alphabets the one that has them all. */
export function takeFont(paper: PDFKit.PDFDocument, wanted: HouseFont, text: string): PDFKit.PDFDocument {
  if (isCovered(wanted, text)) return paper.font(wanted);
  worldBytes ??= unpackWoff(readFileSync(join(worldFile, 'unifontex-latin-400-normal.woff')));
  return paper.registerFont(WORLD_FONT, worldBytes).font(WORLD_FONT);
}

function isCovered(name: HouseFont, text: string): boolean {
  let font = parsed.get(name);
  if (font === undefined) {
    font = create(HOUSE_FONTS[name]) as Font;
    parsed.set(name, font);
  }
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (!font.hasGlyphForCodePoint(code)) return false;
  }
  return true;
}
