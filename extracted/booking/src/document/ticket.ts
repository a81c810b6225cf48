import encodeQR from 'qr';
import type { BookedFlight, Booking, Passenger } from '../domain/booking.ts';
import { bookingReference } from '../domain/reference.ts';
import { takeFont } from './fonts.ts';
import {
  ACCENT,
  BRAND,
  drawField,
  drawFoot,
  drawHead,
  drawRule,
  INK,
  INNER,
  MUTED,
  PAGE,
  type Paper,
  renderPaper,
  TINT,
} from './paper.ts';

/** The e-ticket of a booking. Depends on its data alone: equal data give equal bytes. */
export function renderTicket(booking: Booking): Promise<Buffer> {
  const { flight, passengers } = booking;
  const reference = bookingReference(booking.id);
  const info = {
    title: `E-ticket ${reference}`,
    subject: `Flight ${flight.number} ${flight.origin}-${flight.destination}`,
    names: passengers.map(nameOf),
    createdAt: booking.updatedAt,
  };
  return renderPaper(info, (paper) => {
    drawHead(paper, 'E-ticket', reference);
    drawRoute(paper, flight);
    drawDetails(paper, booking, reference);
    drawPassengers(paper, passengers, 372);
    drawFoot(
      paper,
      'Times are UTC. Please be at the gate 30 minutes before departure. service@meridian.example',
    );
  });
}

function drawRoute(paper: Paper, flight: BookedFlight): void {
  const top = 120;
  paper.roundedRect(PAGE.left, top, INNER, 104, 8).fill(TINT);
  const half = INNER / 2 - 60;
  const end = (x: number, align: 'left' | 'right', code: string, name: string, at: Date): void => {
    paper
      .font('bold')
      .fontSize(34)
      .fillColor(BRAND)
      .text(code, x, top + 14, { width: half, align });
    paper.font('regular').fontSize(9).fillColor(MUTED);
    paper.text(name, x, top + 56, { width: half, align, height: 12, ellipsis: true });
    paper
      .font('bold')
      .fontSize(11)
      .fillColor(INK)
      .text(shownTime(at), x, top + 74, { width: half, align });
  };
  end(PAGE.left + 18, 'left', flight.origin, flight.originName, flight.departsAt);
  end(PAGE.right - 18 - half, 'right', flight.destination, flight.destinationName, flight.arrivesAt);
  const middle = PAGE.left + INNER / 2;
  paper
    .moveTo(middle - 60, top + 34)
    .lineTo(middle + 52, top + 34)
    .lineWidth(1.4)
    .dash(4, { space: 4 })
    .stroke(ACCENT);
  paper.undash();
  paper.polygon([middle + 52, top + 29], [middle + 62, top + 34], [middle + 52, top + 39]).fill(ACCENT);
}

function drawDetails(paper: Paper, { flight, fareClass }: Booking, reference: string): void {
  const top = 248;
  const code = drawCode(paper, flight, reference, top);
  const width = (code - PAGE.left) / 3;
  const fields = [
    ['Flight', flight.number],
    ['Fare', fareClass],
    ['Gate', flight.gate ?? 'see screens'],
    ['Departs', shownTime(flight.departsAt)],
    ['Arrives', shownTime(flight.arrivesAt)],
    ['Reference', reference],
  ] as const;
  for (const [index, [label, value]] of fields.entries()) {
    const x = PAGE.left + (index % 3) * width;
    drawField(paper, { x, y: top + 4 + Math.floor(index / 3) * 46, width: width - 10 }, label, value);
  }
}

/** A square that a gate's reader understands; gives its left edge. */
function drawCode(paper: Paper, flight: BookedFlight, reference: string, top: number): number {
  const size = 96;
  const left = PAGE.right - size;
  const content = `MERIDIAN/${reference}/${flight.number}/${flight.departsAt.toISOString().slice(0, 10)}`;
  // The library draws a border of one at least; white paper is border enough.
  const bordered = encodeQR(content, 'raw', { ecc: 'medium', border: 1 });
  const modules = bordered.slice(1, -1).map((cells) => cells.slice(1, -1));
  const edge = size / modules.length;
  for (const [row, cells] of modules.entries()) {
    for (const [column, dark] of cells.entries()) {
      // A hair too large each, so that no seam shows between neighbours.
      if (dark) paper.rect(left + column * edge, top + row * edge, edge + 0.15, edge + 0.15);
    }
  }
  paper.fill('#000000');
  return left - 20;
}

function drawPassengers(paper: Paper, passengers: readonly Passenger[], top: number): void {
  paper.font('bold').fontSize(11).fillColor(BRAND).text('Passengers', PAGE.left, top);
  let y = top + 22;
  drawRule(paper, y);
  for (const passenger of passengers) {
    const notes = [
      ...(passenger.infant ? ['Infant'] : []),
      ...(passenger.specialAssistance ? ['Special assistance'] : []),
      ...(passenger.frequentFlyerNumber === null ? [] : [`Frequent flyer ${passenger.frequentFlyerNumber}`]),
    ];
    const name = nameOf(passenger);
    takeFont(paper, 'bold', name).fontSize(10.5).fillColor(INK);
    paper.text(name, PAGE.left, y + 8, { width: 330, height: 14, ellipsis: true });
    paper.font('regular').fontSize(8.5).fillColor(MUTED);
    paper.text(notes.length === 0 ? 'Adult' : notes.join(' · '), PAGE.left, y + 23, { width: 330 });
    paper.font('mono').fontSize(13).fillColor(BRAND);
    const seat = passenger.infant ? 'lap' : (passenger.seat ?? 'at check-in');
    paper.text(seat, PAGE.right - 150, y + 12, { width: 150, align: 'right' });
    y += 40;
    drawRule(paper, y);
  }
}

function nameOf({ title, firstName, lastName }: Passenger): string {
  const name = `${firstName} ${lastName}`;
  return title === null ? name : `${title.charAt(0)}${title.slice(1).toLowerCase()} ${name}`;
}

/** As in `22 Nov 2026, 19:30`. */
function shownTime(at: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\d+:\d+)/.exec(at.toUTCString()) ?? [];
  return `${day} ${month} ${year}, ${time}`;
}
