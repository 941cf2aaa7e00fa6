const HEADER = '%PDF-1.4\n';

/** A one-page PDF that says the given lines (ISO 32000-1, 7.5: header, body, cross-reference table, trailer). */
export function pdf(lines: readonly string[]): Buffer {
  const text = lines.map((line) => `(${escaped(line)}) ' `).join('');
  const drawing = `BT /F1 12 Tf 16 TL 72 760 Td ${text}ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ].map((body, index) => `${index + 1} 0 obj\n${body}\nendobj\n`);
  return Buffer.from(HEADER + objects.join('') + trailer(objects), 'latin1');
}

function trailer(objects: readonly string[]): string {
  const lines: string[] = [];
  let offset = HEADER.length;
  for (const object of objects) {
    lines.push(`${String(offset).padStart(10, '0')} 00000 n \n`);
    offset += object.length;
  }
  const entries = objects.length + 1;
  return `xref\n0 ${entries}\n0000000000 65535 f \n${lines.join('')}trailer\n<< /Size ${entries} /Root 1 0 R >>\nstartxref\n${offset}\n%%EOF\n`;
}

function escaped(text: string): string {
  return text.replace(/[\\()]/g, '\\$&');
}
