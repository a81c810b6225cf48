import PDFDocument from 'pdfkit';
import { registerFonts, takeFont } from './fonts.ts';

/** What the documents of the house share: colours, the head, and bytes that depend on data alone. */

export const INK = '#16202c';
export const MUTED = '#64748b';
export const RULE = '#d6dee8';
export const BRAND = '#0b3d64';
export const ACCENT = '#c8962e';
export const TINT = '#f3f6fa';

/** A4 in points, with margins. */
export const PAGE = { width: 595.28, height: 841.89, left: 50, right: 545.28, bottom: 780 } as const;
export const INNER = PAGE.right - PAGE.left;

export type Paper = PDFKit.PDFDocument;
export type PaperInfo = {
  title: string;
  subject: string;
  /** Whom it is for: what no font can show, stays to be read and searched here. */
  names: readonly string[];
  createdAt: Date;
};

/**
 * Runs `draw` on a new document and gives its bytes. The creation date is the data's own and the file's id
 * derives from it, so equal data give equal bytes.
 */
export async function renderPaper(info: PaperInfo, draw: (paper: Paper) => void): Promise<Buffer> {
  const paper = new PDFDocument({
    size: 'A4',
    margins: { top: 50, bottom: 40, left: PAGE.left, right: PAGE.width - PAGE.right },
    lang: 'en',
    displayTitle: true,
    info: {
      Title: info.title,
      Subject: info.subject,
      Author: 'Meridian Air',
      Keywords: info.names.join(', '),
      CreationDate: info.createdAt,
      ModDate: info.createdAt,
    },
  });
  registerFonts(paper);
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    paper.on('data', (chunk: Buffer) => chunks.push(chunk));
    paper.on('end', () => resolve(Buffer.concat(chunks)));
    paper.on('error', reject);
  });
  draw(paper);
  paper.end();
  return done;
}

/** The band at the top of a page, with the house's name and the document's. */
export function drawHead(paper: Paper, kind: string, number: string): void {
  paper.rect(0, 0, PAGE.width, 92).fill(BRAND);
  paper.rect(0, 92, PAGE.width, 3).fill(ACCENT);
  paper.save().translate(PAGE.left, 30);
  // A meridian: a globe cut by its lines of longitude.
  paper.circle(16, 16, 15).lineWidth(1.6).stroke('#ffffff');
  paper.ellipse(16, 16, 6, 15).stroke('#ffffff');
  paper.moveTo(1, 16).lineTo(31, 16).stroke(ACCENT);
  paper.restore();
  paper
    .font('bold')
    .fontSize(18)
    .fillColor('#ffffff')
    .text('Meridian Air', PAGE.left + 44, 34, { lineBreak: false });
  paper.font('regular').fontSize(9).fillColor('#c9d8e6');
  paper.text(kind.toUpperCase(), PAGE.left, 32, { width: INNER, align: 'right', characterSpacing: 1.5 });
  paper
    .font('bold')
    .fontSize(14)
    .fillColor('#ffffff')
    .text(number, PAGE.left, 46, { width: INNER, align: 'right' });
}

export type Cell = { x: number; y: number; width: number };

/** A small label with its value under it; gives the y below both. */
export function drawField(paper: Paper, { x, y, width }: Cell, label: string, value: string): number {
  paper
    .font('regular')
    .fontSize(7.5)
    .fillColor(MUTED)
    .text(label.toUpperCase(), x, y, { width, characterSpacing: 0.6 });
  takeFont(paper, 'bold', value)
    .fontSize(10.5)
    .fillColor(INK)
    .text(value, x, y + 12, { width });
  return paper.y;
}

export function drawRule(paper: Paper, y: number, color: string = RULE): void {
  paper.moveTo(PAGE.left, y).lineTo(PAGE.right, y).lineWidth(0.8).stroke(color);
}

/** Small print at the foot of the current page. */
export function drawFoot(paper: Paper, text: string): void {
  drawRule(paper, PAGE.bottom + 4);
  paper.font('regular').fontSize(7.5).fillColor(MUTED);
  paper.text(text, PAGE.left, PAGE.bottom + 11, { width: INNER, align: 'center', lineBreak: false });
}
