/** Notes on the picture: those of the frame shown, and the form for a new one. Boxes are in source pixels, dragged or typed. */

import { clamp, make } from "../shared/dom.js";

/** Put a mark where a box of a picture is. @param size [width, height] of the source. */
function lay(mark, [x, y, w, h], [width, height]) {
  const share = (value, whole) => `${(100 * value) / whole}%`;
  const place = { left: share(x, width), top: share(y, height), width: share(w, width), height: share(h, height) };
  Object.assign(mark.style, place);
}

/** Show the boxes of the notes of a frame, and what they say. @param notes [{frame, text, box}] */
export function pin(pins, notes, size, frame) {
  const here = notes.filter((note) => note.frame === frame && note.box);
  pins.replaceChildren(
    ...here.map(({ text, box }) => {
      const mark = make("div", { class: "mark", "data-pin": true }, make("span", {}, text));
      lay(mark, box, size);
      return mark;
    }),
  );
}

export class NoteForm {
  /** @param onNote called with {text, box}; box is [x, y, width, height] or null. */
  constructor(root, stage, onNote) {
    this.form = root.querySelector("[data-note]");
    this.text = this.form.querySelector("[data-text]");
    this.sides = [...this.form.querySelectorAll("[data-side]")];
    this.mark = stage.querySelector("[data-mark]");
    this.picture = stage.querySelector("[data-a]");
    this.root = root;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.text.value.trim()) return this.text.focus();
      onNote({ text: this.text.value.trim(), box: this.box });
      this.hide();
    });
    this.form.addEventListener("keydown", (event) => event.key === "Escape" && this.hide());
    this.form.querySelector("[data-dismiss]").addEventListener("click", () => this.hide());
    for (const side of this.sides) side.addEventListener("input", () => this.outline());
  }

  get open() {
    return !this.form.hidden;
  }

  get box() {
    const values = this.sides.map((side) => Number(side.value));
    return values[2] > 0 && values[3] > 0 ? values : null;
  }

  /** @param size [width, height] of the source. */
  show(size) {
    this.size = size;
    this.form.hidden = false;
    this.text.focus();
  }

  hide() {
    this.form.reset();
    this.form.hidden = true;
    this.mark.hidden = true;
    this.root.focus();
  }

  /** A pointer event on the picture, in source pixels. */
  point({ clientX, clientY }) {
    const { left, top, width, height } = this.picture.getBoundingClientRect();
    const x = clamp((clientX - left) / width, 0, 1) * this.size[0];
    const y = clamp((clientY - top) / height, 0, 1) * this.size[1];
    return [Math.round(x), Math.round(y)];
  }

  press(event) {
    this.from = this.point(event);
  }

  drag(event) {
    const [from, to] = [this.from, this.point(event)];
    const box = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
    this.sides.forEach((side, i) => (side.value = box[i]));
    this.outline();
  }

  outline() {
    this.mark.hidden = !this.box;
    if (this.box) lay(this.mark, this.box, this.size);
  }
}
