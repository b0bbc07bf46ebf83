/**
 * A drawing: values that never change, so that undo is a list of them. All lengths are source pixels.
 *
 * drags    [{points: [[x, y], ...]}], the first point where a drag takes hold
 * boxes    [{object, phrase, frame, box: [x, y, width, height] or null}], one for an object and a frame
 * strokes  [{radius, erase, points}], painted in turn over `brush`
 * brush    address of a mask that was painted before, or null
 */

export const EMPTY = { drags: [], boxes: [], strokes: [], brush: null };

const round = (value) => Math.round(value * 10) / 10;
export const rounded = (points) => points.map(([x, y]) => [round(x), round(y)]);

export const addDrag = (drawing, points) => ({ ...drawing, drags: [...drawing.drags, { points: rounded(points) }] });

export const addStroke = (drawing, stroke) => ({
  ...drawing,
  strokes: [...drawing.strokes, { ...stroke, points: rounded(stroke.points) }],
});

/** A box takes the place of the one that its object had at its frame; null: from there on the object is not in the picture. */
export function addBox(drawing, made) {
  const others = drawing.boxes.filter((one) => one.object !== made.object || one.frame !== made.frame);
  const named = others.map((one) => (one.object === made.object ? { ...one, phrase: made.phrase } : one));
  return { ...drawing, boxes: [...named, { ...made, box: made.box && made.box.map(round) }] };
}

/** The drawing with a shape replaced, or removed where `shape` is null. `kind` is drags or boxes. */
export function replace(drawing, { kind, index }, shape) {
  const shapes = drawing[kind].flatMap((one, i) => (i !== index ? [one] : shape ? [shape] : []));
  return { ...drawing, [kind]: shapes };
}

export const clearBrush = (drawing) => ({ ...drawing, strokes: [], brush: null });

/** A shape moved as a whole, or by one of its handles: a point of a drag, a corner of a box (0 is the top left, clockwise). */
export function moved(shape, handle, dx, dy) {
  if (shape.points) {
    const points = shape.points.map(([x, y], i) => (handle === null || handle === i ? [x + dx, y + dy] : [x, y]));
    return { ...shape, points: rounded(points) };
  }
  if (!shape.box) return shape;
  const [x, y, w, h] = shape.box;
  if (handle === null) return { ...shape, box: [x + dx, y + dy, w, h].map(round) };
  const [left, top] = [handle === 0 || handle === 3, handle < 2];
  const sides = [left ? x + dx : x, top ? y + dy : y, left ? x + w : x + w + dx, top ? y + h : y + h + dy];
  return { ...shape, box: boxOf([sides[0], sides[1]], [sides[2], sides[3]]).map(round) };
}

export const boxOf = ([x, y], [u, v]) => [Math.min(x, u), Math.min(y, v), Math.abs(u - x), Math.abs(v - y)];

export const corners = ([x, y, w, h]) => [
  [x, y],
  [x + w, y],
  [x + w, y + h],
  [x, y + h],
];

export const handles = (shape) => shape.points ?? corners(shape.box);

/** What lies under a point: {kind, index, handle}, handle null for a shape's body; null for nothing. Boxes of other frames are out of reach. */
export function under(drawing, [x, y], reach, frame) {
  const near = ([u, v]) => Math.hypot(u - x, v - y) <= reach;
  const inside = ({ box: [left, top, w, h] }) => x >= left && x <= left + w && y >= top && y <= top + h;
  for (const kind of ["drags", "boxes"]) {
    for (let index = drawing[kind].length - 1; index >= 0; index--) {
      const shape = drawing[kind][index];
      if (shape.frame !== undefined && (shape.frame !== frame || !shape.box)) continue;
      const handle = handles(shape).findIndex(near);
      if (handle >= 0) return { kind, index, handle };
      if (shape.box ? inside(shape) : along(shape.points, [x, y], reach)) return { kind, index, handle: null };
    }
  }
  return null;
}

function along(points, point, reach) {
  return points.some((from, i) => i && distance(point, points[i - 1], from) <= reach);
}

/** From a point to a segment. */
function distance([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const long = dx * dx + dy * dy;
  const t = long ? Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / long, 0), 1) : 0;
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}

/** A hand's path with as few points as stay within `error` of it (Douglas and Peucker 1973). */
export function simplified(points, error) {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points[points.length - 1]];
  let [far, at] = [0, 0];
  points.forEach((point, i) => {
    const off = distance(point, first, last);
    if (off > far) [far, at] = [off, i];
  });
  if (far <= error) return [first, last];
  return [...simplified(points.slice(0, at + 1), error).slice(0, -1), ...simplified(points.slice(at), error)];
}

/** Undo and redo. */
export class History {
  constructor(drawing) {
    Object.assign(this, { past: [], now: drawing, future: [] });
  }

  push(drawing) {
    if (drawing === this.now) return;
    this.past.push(this.now);
    this.now = drawing;
    this.future = [];
  }

  undo() {
    if (!this.past.length) return;
    this.future.push(this.now);
    this.now = this.past.pop();
  }

  redo() {
    if (!this.future.length) return;
    this.past.push(this.now);
    this.now = this.future.pop();
  }
}
