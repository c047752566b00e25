import { svg } from './svg.ts';
import { laneCount, type Mark, type TimelineModel, type TokenBand, type Zoom } from './timeline-model.ts';
import { durationWords, shortState } from './words.ts';

/** The picture's height in px; its width is whatever there is. */
export const drawingHeight = 196;

/** Where the rows are, in px from the top. */
const rows = {
  state: { label: 11, top: 17, height: 22 },
  token: { label: 58, top: 64, height: 22, gap: 4 },
  request: { label: 131, middle: 146 },
  axis: { top: 164, label: 184 },
} as const;

/** What a drawing is made for. */
export interface View {
  readonly now: number;
  readonly width: number;
  readonly zoom: Zoom;
}

/** Draws the model: all of the picture's children, to be put in place of the last ones. */
export function drawTimeline(model: TimelineModel, view: View): SVGElement[] {
  const scale = new Scale(view);
  return [
    svg('rect', {
      class: 'future',
      x: scale.now,
      y: 0,
      width: scale.width - scale.now,
      height: rows.axis.top,
    }),
    ...drawAxis(scale),
    ...drawStates(model, scale),
    ...drawTokens(model, scale),
    ...model.marks.flatMap((mark) => drawMark(mark, scale)),
    ...[
      rowLabel('State', rows.state.label),
      rowLabel('Tokens', rows.token.label),
      rowLabel('Requests', rows.request.label),
    ],
    svg('line', { class: 'now', x1: scale.now, x2: scale.now, y1: 0, y2: rows.axis.top + 6 }),
    svg(
      'text',
      { class: 'axis now-label', x: scale.now, y: rows.axis.label, 'text-anchor': 'middle' },
      'now',
    ),
  ];
}

/** From moments to px. */
class Scale {
  readonly width: number;
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly time: number;
  readonly zoom: Zoom;

  constructor({ now, width, zoom }: View) {
    this.width = width;
    this.zoom = zoom;
    this.time = now;
    this.from = now - zoom.pastMs;
    this.to = now + zoom.futureMs;
    this.now = this.x(now);
  }

  x(at: number): number {
    return Math.round(((at - this.from) / (this.to - this.from)) * this.width * 10) / 10;
  }

  /** A stretch of time as x and width, cut at the picture's edges; undefined where nothing of it is in sight. */
  stretch(from: number, to: number): { x: number; width: number } | undefined {
    const x = Math.max(this.x(from), -2);
    const end = Math.min(this.x(to), this.width + 2);
    return end > x ? { x, width: end - x } : undefined;
  }

  sees(at: number): boolean {
    return at > this.from - 1000 && at < this.to + 1000;
  }
}

function rowLabel(text: string, y: number): SVGElement {
  return svg('text', { class: 'row', x: 0, y }, text);
}

const steps = [5, 10, 15, 30, 60, 120, 300, 600, 1200].map((seconds) => seconds * 1000);

function drawAxis(scale: Scale): SVGElement[] {
  const wanted = (70 / scale.width) * (scale.to - scale.from);
  const step = steps.find((ms) => ms >= wanted) ?? 1_800_000;
  const { top, label } = rows.axis;
  const drawn = [svg('line', { class: 'axis-line', x1: 0, x2: scale.width, y1: top, y2: top })];
  for (let ms = -Math.floor(scale.zoom.pastMs / step) * step; ms <= scale.zoom.futureMs; ms += step) {
    const x = scale.x(scale.time + ms);
    if (ms === 0 || x < 18 || x > scale.width - 18 || Math.abs(x - scale.now) < 40) continue;
    const words = `${ms < 0 ? '−' : '+'}${durationWords(Math.abs(ms))}`;
    drawn.push(
      svg('line', { class: 'grid', x1: x, x2: x, y1: 0, y2: top + 4 }),
      svg('text', { class: 'axis', x, y: label, 'text-anchor': 'middle' }, words),
    );
  }
  return drawn;
}

function drawStates({ states }: TimelineModel, scale: Scale): SVGElement[] {
  const { top, height } = rows.state;
  return states.flatMap(({ state, from }, index) => {
    const stretch = scale.stretch(from, states[index + 1]?.from ?? scale.time);
    if (!stretch) return [];
    const block = svg('rect', { class: `state ${state}`, y: top, height, ...stretch });
    const label = { class: `state-label ${state}`, x: Math.max(stretch.x, 0) + 7, y: top + 15.5 };
    return [block, ...fitting(shortState(state), stretch.width - 10, label)];
  });
}

function drawTokens(model: TimelineModel, scale: Scale): SVGElement[] {
  const lanes = laneCount * (rows.token.height + rows.token.gap) - rows.token.gap;
  const gaps = model.gaps(scale.time).flatMap(({ from, to }) => {
    const stretch = scale.stretch(from, to);
    if (!stretch) return [];
    const label = { class: 'gap-label', x: Math.max(stretch.x, 0) + 7, y: rows.token.top + lanes / 2 + 4 };
    return [
      svg('rect', { class: 'gap', y: rows.token.top, height: lanes, ...stretch }),
      ...fitting('no token', stretch.width - 10, label),
    ];
  });
  return [...gaps, ...model.tokens.flatMap((token) => drawToken(model, token, scale))];
}

/** What counted of a token is filled; what another one took over, and what is still to come, is outlined. */
function drawToken(model: TimelineModel, token: TokenBand, scale: Scale): SVGElement[] {
  const { top, height, gap } = rows.token;
  const y = top + token.lane * (height + gap);
  // Tokens that are used once overlap more than two at a time: a later one in the lane lies on top.
  const next = model.tokens.find(({ lane, arrivedAt }) => lane === token.lane && arrivedAt > token.arrivedAt);
  const end = Math.min(model.endOf(token), next?.arrivedAt ?? Number.POSITIVE_INFINITY);
  const whole = scale.stretch(token.arrivedAt, end);
  if (!whole) return [];
  const isCurrent = token === model.current;
  const solid = scale.stretch(token.arrivedAt, Math.min(end, token.replacedAt ?? scale.time));
  const words = end === Number.POSITIVE_INFINITY ? 'no end known' : durationWords(model.lifeOf(token));
  const start = Math.max(whole.x, 0) + 7;
  // Not across the line that says now.
  const x = start < scale.now + 6 && start + words.length * 6.6 > scale.now ? scale.now + 6 : start;
  const label = { class: 'token-label', x, y: y + 15.5 };
  return [
    svg('rect', { class: isCurrent ? 'token current' : 'token', y, height, rx: 4, ...whole }),
    ...(solid ? [svg('rect', { class: 'token-used', y, height, rx: 4, ...solid })] : []),
    ...fitting(words, whole.x + whole.width - x - 3, label),
  ];
}

function drawMark({ at, kind, retryAt }: Mark, scale: Scale): SVGElement[] {
  if (!scale.sees(at) && !(retryAt && scale.sees(retryAt))) return [];
  const x = scale.x(at);
  if (kind === 'reconnected') return [shape.reconnected(x, rows.state.top + rows.state.height / 2)];
  const y = rows.request.middle;
  if (kind === 'expired') {
    const { top, height, gap } = rows.token;
    const bottom = top + laneCount * (height + gap);
    return [
      svg('line', { class: 'expired-line', x1: x, x2: x, y1: top - 4, y2: bottom }),
      shape.expired(x, y),
    ];
  }
  if (kind === 'refreshed') return [shape.refreshed(x, y)];
  if (retryAt === undefined) return [shape.failed(x, y)];
  const retryX = scale.x(retryAt);
  return [
    svg('line', { class: 'wait', x1: x, x2: retryX, y1: y, y2: y }),
    ...(retryAt > scale.time ? [shape.retry(retryX, y)] : []),
    shape.failed(x, y),
  ];
}

/** The marks, each told by its form as well as its colour; the legend shows the same ones. */
export const shape = {
  refreshed: (x: number, y: number) => svg('circle', { class: 'mark refreshed', cx: x, cy: y, r: 5 }),
  failed: (x: number, y: number) =>
    svg('path', { class: 'mark failed', d: `M${x - 3.5} ${y - 3.5}l7 7m0 -7l-7 7` }),
  retry: (x: number, y: number) => svg('circle', { class: 'mark retry', cx: x, cy: y, r: 4.5 }),
  expired: (x: number, y: number) =>
    svg('path', { class: 'mark expired', d: `M${x} ${y - 6.5}l6.5 6.5l-6.5 6.5l-6.5 -6.5z` }),
  reconnected: (x: number, y: number) =>
    svg('path', { class: 'mark reconnected', d: `M${x - 6} ${y + 6}l6 -12l6 12z` }),
};

/** A text of about 6.6 px a letter, where there is room for it. */
function fitting(words: string, width: number, attributes: Record<string, string | number>): SVGElement[] {
  return width > words.length * 6.6 ? [svg('text', attributes, words)] : [];
}
