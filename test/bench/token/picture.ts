/** The table as a picture: scenarios down, clients across, each cell the share of awake time with a valid token. */
import { mean, type Row } from './criteria.ts';

const cell = { width: 96, height: 24 };
const left = 330;
const top = 92;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** From red at half and less, by way of yellow, to green; by how far a client is behind the oracle. */
function colour(behind: number): string {
  if (behind <= 1) return '#2e7d4f';
  if (behind <= 3.5) return '#8aa53a';
  if (behind <= 15) return '#d39b2a';
  return behind <= 40 ? '#d0642f' : '#b3312f';
}

export function drawTable(clients: readonly string[], rows: readonly Row[]): string {
  const width = left + clients.length * cell.width + 16;
  const height = top + rows.length * cell.height + 44;
  const text = (x: number, y: number, content: string, more = '') =>
    `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`;
  const parts = [
    text(16, 28, 'Share of awake time with a valid token, in percent', 'font-size="17" font-weight="600"'),
    text(16, 50, 'The real code of each library in one simulated tab; the mean of all seeds', 'fill="#667"'),
  ];
  for (const [column, client] of clients.entries()) {
    const x = left + column * cell.width + cell.width / 2;
    parts.push(text(x, top - 12, client, `text-anchor="middle" ${column === 0 ? 'font-weight="700"' : ''}`));
  }
  for (const [index, { scenario, results }] of rows.entries()) {
    const y = top + index * cell.height;
    parts.push(text(16, y + 16, scenario.title));
    const share = (client: string) =>
      100 * mean((results[client] ?? []).map(({ availability }) => availability));
    for (const [column, client] of clients.entries()) {
      const x = left + column * cell.width;
      const fill = client.startsWith('oracle') ? '#5b6577' : colour(share('oracle') - share(client));
      parts.push(
        `<rect x="${x + 1}" y="${y + 1}" width="${cell.width - 2}" height="${cell.height - 2}" rx="3" fill="${fill}"/>`,
        text(x + cell.width / 2, y + 16, share(client).toFixed(1), 'text-anchor="middle" fill="#fff"'),
      );
    }
  }
  const note =
    'Green: at most 1 point behind the oracle, the best that any client could do; then 3.5, 15, 40 and more.';
  parts.push(text(16, height - 14, note, 'fill="#667"'));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12.5" fill="#223">
<title>Share of awake time with a valid token, by scenario and client</title>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}
