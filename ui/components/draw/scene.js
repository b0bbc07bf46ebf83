/** A drawing shown over its picture: painted in CSS pixels, from source pixels, sharp on any screen. */

import { colour, fitted } from "../shared/dom.js";
import { handles } from "./drawing.js";

export class Scene {
  constructor(canvas) {
    this.canvas = canvas;
    this.tint = new OffscreenCanvas(1, 1);
  }

  /** @param view {drawing, size, frame, selected, current, cross, mask} */
  show(view) {
    const { context, width } = fitted(this.canvas);
    Object.assign(this, { context, scale: width / view.size[0], accent: colour(this.canvas, "accent") });
    this.mask(view);
    for (const box of this.between(view.drawing.boxes, view.frame)) this.box(box, { dashed: true });
    view.drawing.boxes.forEach((box, index) => {
      if (box.frame === view.frame && box.box) this.box(box, { chosen: this.is(view, "boxes", index) });
    });
    view.drawing.drags.forEach((drag, index) => this.drag(drag, this.is(view, "drags", index)));
    if (view.current?.box) this.box(view.current.box, { chosen: true });
    if (view.current?.drag) this.drag(view.current.drag, true);
    if (view.cross) this.cross(view.cross, view.radius);
  }

  is({ selected }, kind, index) {
    return selected?.kind === kind && selected.index === index;
  }

  /** Where an object's box is at a frame that has none of its own: between two keys on the way, after the last at rest. */
  between(boxes, frame) {
    return [...new Set(boxes.map((box) => box.object))].flatMap((object) => {
      const own = boxes.filter((box) => box.object === object).sort((a, b) => a.frame - b.frame);
      const before = own.findLast((box) => box.frame < frame);
      const after = own.find((box) => box.frame > frame);
      if (!before?.box || own.some((box) => box.frame === frame)) return [];
      if (!after?.box) return [before];
      const t = (frame - before.frame) / (after.frame - before.frame);
      return [{ ...before, box: before.box.map((side, i) => side + t * (after.box[i] - side)) }];
    });
  }

  mask({ mask }) {
    if (!mask) return;
    const { width, height } = mask.canvas;
    Object.assign(this.tint, { width, height });
    const tint = this.tint.getContext("2d");
    tint.drawImage(mask.canvas, 0, 0);
    tint.globalCompositeOperation = "source-in";
    tint.fillStyle = this.accent;
    tint.fillRect(0, 0, width, height);
    this.context.globalAlpha = 0.45;
    this.context.drawImage(this.tint, 0, 0, width * this.scale, height * this.scale);
    this.context.globalAlpha = 1;
  }

  at([x, y]) {
    return [x * this.scale, y * this.scale];
  }

  /** A line that shows on any ground: dark below, light or accent above. */
  line(path, chosen, dashed = false) {
    const { context } = this;
    context.setLineDash(dashed ? [5, 4] : []);
    for (const [wide, ink] of [[4, "rgb(0 0 0 / 55%)"], [2, chosen ? this.accent : "#fff"]]) {
      context.lineWidth = wide;
      context.strokeStyle = ink;
      context.beginPath();
      path(context);
      context.stroke();
    }
    context.setLineDash([]);
  }

  drag({ points }, chosen) {
    const shown = points.map((point) => this.at(point));
    if (shown.length > 1) {
      this.line((context) => shown.forEach((point, i) => (i ? context.lineTo(...point) : context.moveTo(...point))), chosen);
      this.arrow(shown, chosen);
    }
    this.dot(shown[0], 5, chosen);
    if (chosen) for (const point of shown.slice(1)) this.dot(point, 3, chosen);
  }

  arrow(points, chosen) {
    const [tip, from] = [points[points.length - 1], points[points.length - 2]];
    const angle = Math.atan2(tip[1] - from[1], tip[0] - from[0]);
    const wing = (turn) => [tip[0] - 11 * Math.cos(angle + turn), tip[1] - 11 * Math.sin(angle + turn)];
    this.line((context) => {
      context.moveTo(...wing(0.45));
      context.lineTo(...tip);
      context.lineTo(...wing(-0.45));
    }, chosen);
  }

  dot(point, radius, chosen) {
    const { context } = this;
    context.beginPath();
    context.arc(...point, radius, 0, 2 * Math.PI);
    context.fillStyle = chosen ? this.accent : "#fff";
    context.strokeStyle = "rgb(0 0 0 / 55%)";
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

  box(shape, { chosen = false, dashed = false } = {}) {
    const [x, y] = this.at(shape.box);
    const [w, h] = this.at(shape.box.slice(2));
    this.line((context) => context.rect(x, y, w, h), chosen, dashed);
    if (chosen) for (const corner of handles(shape)) this.dot(this.at(corner), 4, chosen);
    this.label(`${shape.object} ${shape.phrase}`.trim(), x + 4, y + 4);
  }

  label(text, x, y) {
    const { context } = this;
    context.font = "12px system-ui, sans-serif";
    context.fillStyle = "rgb(16 18 22 / 72%)";
    context.fillRect(x, y, context.measureText(text).width + 8, 18);
    context.fillStyle = "#fff";
    context.fillText(text, x + 4, y + 13);
  }

  cross(point, radius) {
    const [x, y] = this.at(point);
    this.line((context) => {
      context.moveTo(x - 9, y);
      context.lineTo(x + 9, y);
      context.moveTo(x, y - 9);
      context.lineTo(x, y + 9);
      if (!radius) return;
      context.moveTo(x + radius * this.scale, y);
      context.arc(x, y, radius * this.scale, 0, 2 * Math.PI);
    }, false);
  }
}
