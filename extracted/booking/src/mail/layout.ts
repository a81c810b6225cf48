/** One mail's content, from which both its forms are made, so that they cannot say different things. */
export type MailContent = {
  subject: string;
  heading: string;
  /** Shown by mail programs beside the subject. */
  preview: string;
  greeting: string;
  paragraphs: readonly string[];
  facts: readonly (readonly [label: string, value: string])[];
  closing: string;
};

export type RenderedMail = { subject: string; text: string; html: string };

export function renderMail(content: MailContent): RenderedMail {
  return { subject: content.subject, text: renderText(content), html: renderHtml(content) };
}

const FOOT =
  'Meridian Air · You get this mail because of a booking with us. Questions: service@meridian.example';

function renderText(content: MailContent): string {
  const width = Math.max(0, ...content.facts.map(([label]) => label.length));
  const facts = content.facts.map(([label, value]) => `  ${`${label}:`.padEnd(width + 2)}${value}`);
  return `${[
    content.heading,
    '='.repeat(content.heading.length),
    '',
    content.greeting,
    '',
    ...content.paragraphs.flatMap((paragraph) => [paragraph, '']),
    ...(facts.length === 0 ? [] : [...facts, '']),
    content.closing,
    '',
    '-- ',
    FOOT,
  ].join('\n')}\n`;
}

/** Tables and inline styles: mail programs know little else. */
function renderHtml(content: MailContent): string {
  const cell = 'padding:7px 0;border-bottom:1px solid #e6ebf1;font-size:14px;vertical-align:top';
  const facts = content.facts
    .map(
      ([label, value]) =>
        `<tr><td style="${cell};color:#64748b;width:38%">${escapeHtml(label)}</td>` +
        `<td style="${cell};font-weight:600">${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const paragraph = (text: string): string =>
    `<p style="margin:0 0 14px;font-size:15px;line-height:1.55">${escapeHtml(text)}</p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(content.subject)}</title></head>
<body style="margin:0;padding:0;background:#f3f6fa;color:#16202c;font-family:Helvetica,Arial,sans-serif">
<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(content.preview)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="width:100%;max-width:600px;background:#ffffff;border-radius:10px;overflow:hidden">
<tr><td style="background:#0b3d64;border-bottom:3px solid #c8962e;padding:20px 28px;color:#ffffff;font-size:18px;font-weight:700">Meridian Air</td></tr>
<tr><td style="padding:28px">
<h1 style="margin:0 0 18px;font-size:22px;line-height:1.3;color:#0b3d64">${escapeHtml(content.heading)}</h1>
${paragraph(content.greeting)}
${content.paragraphs.map(paragraph).join('\n')}
${facts === '' ? '' : `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:6px 0 20px;border-top:1px solid #e6ebf1">${facts}</table>`}
${paragraph(content.closing)}
</td></tr>
<tr><td style="background:#f8fafc;padding:16px 28px;color:#64748b;font-size:12px;line-height:1.5">${escapeHtml(FOOT)}</td></tr>
</table></td></tr></table>
</body></html>
`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
