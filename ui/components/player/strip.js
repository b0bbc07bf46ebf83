/** The strip under the picture: one row a curve, flagged frames, pinned notes; a click goes to the frame. */

import { clamp, colour, fitted } from "../shared/dom.js";

const ROW = 38;
const MARKS = 12; // of height, for flags and notes
const LABEL = 14; // of a row, above its curve

export class Strip {
  /** @param onPick called with the frame that is pointed at. */
  constructor(element, canvas, cursor, onPick) {
    Object.assign(this, { element, canvas, cursor, onPick, data: null });
    const pick = (event) => {
      const { left, width } = element.getBoundingClientRect();
      onPick(clamp(Math.floor(((event.clientX - left) / width) * this.data.frames), 0, this.data.frames - 1));
    };
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      pick(event);
    });
    element.addEventListener("pointermove", (event) => event.buttons & 1 && pick(event));
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(element);
  }

  /** @param data {frames, curves: [{label, values, low, high}], flags: [frame], notes: [{frame}]}; a value may be null. */
  update(data) {
    this.data = data;
    this.element.style.setProperty("--strip", `${Math.max(MARKS + ROW * data.curves.length, 22)}px`);
    this.draw();
  }

  /** The middle of a frame, in CSS pixels. */
  x(frame, width) {
    return ((frame + 0.5) / this.data.frames) * width;
  }

  move(frame, text) {
    this.cursor.style.left = `${(100 * (frame + 0.5)) / this.data.frames}%`;
    const said = { valuemin: 0, valuemax: this.data.frames - 1, valuenow: frame, valuetext: text };
    for (const [name, value] of Object.entries(said)) this.element.setAttribute(`aria-${name}`, value);
  }

  draw() {
    if (!this.data || !this.element.clientWidth) return;
    const { context, width, height } = fitted(this.canvas);
    context.fillStyle = colour(this.element, "warn");
    const wide = Math.max(width / this.data.frames, 2);
    for (const frame of this.data.flags) context.fillRect(this.x(frame, width) - wide / 2, 1, wide, MARKS / 2);
    context.fillStyle = colour(this.element, "accent");
    for (const { frame } of this.data.notes) this.pin(context, this.x(frame, width));
    this.data.curves.forEach((curve, row) => this.curve(context, curve, MARKS + row * ROW, width));
    if (!this.data.curves.length) {
      context.fillStyle = colour(this.element, "line");
      context.fillRect(0, height - 2, width, 1);
    }
  }

  pin(context, x) {
    context.beginPath();
    context.moveTo(x - 4, 1);
    context.lineTo(x + 4, 1);
    context.lineTo(x, MARKS - 2);
    context.fill();
  }

  curve(context, { label, values, low, high }, top, width) {
    const range = high - low || 1;
    const y = (value) => top + ROW - 3 - clamp((value - low) / range, 0, 1) * (ROW - LABEL - 7);
    context.strokeStyle = colour(this.element, "ink");
    context.lineWidth = 1.25;
    context.beginPath();
    let drawn = false;
    values.forEach((value, frame) => {
      if (value === null) drawn = false;
      else if (drawn) context.lineTo(this.x(frame, width), y(value));
      else context.moveTo(this.x(frame, width), y(value));
      drawn = value !== null;
    });
    context.stroke();
    context.strokeStyle = colour(this.element, "line");
    context.lineWidth = 1;
    context.strokeRect(-1, top, width + 2, 0);
    this.label(context, label, top);
  }

  label(context, text, top) {
    context.font = `11px ${getComputedStyle(this.element).fontFamily}`;
    context.fillStyle = colour(this.element, "faint");
    context.fillText(text, 7, top + LABEL - 1);
  }

  close() {
    this.watch.disconnect();
  }
}
