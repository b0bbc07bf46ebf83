/**
 * Drawing over a picture: drags, a motion brush, keyed boxes. What is drawn is in source pixels, whatever size it is shown at.
 *
 * Data: {url, size, frame, number, tools, drags, boxes, brush, version}; see draw() in ui/components/__init__.py. The drawing
 * is taken up from the data when `version` changes. It reports the state `drawing`: {version, drags, boxes, brush}, brush a PNG
 * in base64 or null.
 */

import { chord, clamp, make, media, typing } from "../shared/dom.js";
import { instances } from "../shared/instances.js";
import { EMPTY, History, addBox, clearBrush, moved, replace } from "./drawing.js";
import { Mask } from "./mask.js";
import { Scene } from "./scene.js";
import { TOOLS } from "./tools.js";

const REACH = 9; // CSS pixels from a handle that still take hold of it
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class Draw {
  constructor(root, report) {
    const one = (name) => root.querySelector(`[data-${name}]`);
    Object.assign(this, { root, report, one, canvas: one("canvas"), history: new History(EMPTY) });
    Object.assign(this, { selected: null, gesture: null, cross: null, byKeys: false });
    this.scene = new Scene(this.canvas);
    this.buildTools();
    this.buildEdits();
    this.listen();
  }

  /* What the tools work with (the board). */

  get drawing() {
    return this.history.now;
  }

  get frame() {
    return this.data.frame;
  }

  get scale() {
    return this.canvas.clientWidth / this.data.size[0];
  }

  get reach() {
    return REACH / this.scale;
  }

  get radius() {
    return Number(this.one("radius").value);
  }

  get object() {
    return Number(this.one("object").value);
  }

  get phrase() {
    return this.one("phrase").value.trim();
  }

  /** What a box drawn now is a key of. */
  get keyed() {
    return { object: this.object, phrase: this.phrase, frame: this.frame };
  }

  buildTools() {
    for (const [name, { label, key }] of Object.entries(TOOLS)) {
      const attributes = { type: "button", role: "radio", "data-tool": name, onclick: () => this.take(name) };
      this.one("tools").append(make("button", attributes, label, make("kbd", { "aria-hidden": "true" }, key)));
    }
  }

  buildEdits() {
    const edits = [
      ["undo", "Undo", "Ctrl+z", () => this.undo()],
      ["redo", "Redo", "Ctrl+Shift+z", () => this.redo()],
      ["delete", "Delete", "Delete", () => this.remove()],
      ["gone", "Gone from here", null, () => this.change(addBox(this.drawing, { ...this.keyed, box: null }))],
      ["unpaint", "Clear brush", null, () => this.change(clearBrush(this.drawing))],
    ];
    for (const [name, label, key, act] of edits) {
      const title = key ? `${label} (${key})` : label;
      this.one("edits").append(make("button", { type: "button", "data-edit": name, title, onclick: act }, label));
    }
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.byKeys = false;
      this.press(this.point(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const one of passed.length ? passed : [event]) this.moveTo(this.point(one), this.byKeys ? null : this.gesture);
    });
    canvas.addEventListener("pointerup", (event) => !this.byKeys && this.gesture && this.release(this.point(event)));
    canvas.addEventListener("pointercancel", () => this.leave());
    canvas.addEventListener("pointerleave", () => {
      if (!this.gesture && !this.byKeys) this.place(null);
    });
    canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && this.place(this.cross ?? this.middle));
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.one("radius").addEventListener("input", () => this.show());
    this.one("object").addEventListener("change", () => this.named());
    this.one("phrase").addEventListener("change", () => this.rename());
    this.watch = new ResizeObserver(() => this.show());
    this.watch.observe(canvas);
  }

  /** Where a pointer is, in source pixels: by the picture as it is shown, so that zoom and pixel ratio cancel. */
  point({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [((clientX - left) / width) * this.data.size[0], ((clientY - top) / height) * this.data.size[1]];
  }

  inside([x, y]) {
    return [clamp(x, 0, this.data.size[0] - 1), clamp(y, 0, this.data.size[1] - 1)];
  }

  get middle() {
    return this.data.size.map((side) => Math.floor(side / 2));
  }

  press(point) {
    const { Gesture } = TOOLS[this.tool];
    this.gesture = new Gesture(this);
    this.gesture.press(this.inside(point));
    this.place(point);
  }

  moveTo(point, gesture = this.gesture) {
    if (gesture) gesture.move(this.tool === "drag" || this.tool === "select" ? point : this.inside(point));
    this.place(point);
  }

  release(point) {
    this.moveTo(point);
    const made = this.gesture.release();
    this.gesture = null;
    this.change(made);
  }

  leave() {
    this.gesture = null;
    this.show();
  }

  place(point) {
    this.cross = point;
    this.one("place").textContent = point ? `x ${Math.round(point[0])}, y ${Math.round(point[1])}` : "";
    this.show();
  }

  change(drawing) {
    const changed = drawing !== this.drawing;
    this.history.push(drawing);
    if (changed) this.changed();
    else this.show();
  }

  undo() {
    this.history.undo();
    this.changed();
  }

  redo() {
    this.history.redo();
    this.changed();
  }

  remove() {
    if (this.selected) this.change(replace(this.drawing, this.selected, null));
  }

  async changed() {
    const { kind, index } = this.selected ?? {};
    if (kind && !this.drawing[kind][index]) this.selected = null;
    this.mask.paint(this.drawing);
    this.objects();
    this.show();
    const { drags, boxes } = this.drawing;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const brush = await this.mask.png();
    if (turn === this.turn) this.report.state("drawing", { version: this.data.version, drags, boxes, brush });
  }

  async update(data) {
    const before = this.data;
    this.data = data;
    this.one("picture").style.setProperty("--aspect", data.size[0] / data.size[1]);
    if (before?.url !== data.url) this.one("image").src = media(data.url);
    this.canvas.setAttribute("aria-label", `Picture, frame ${data.number}, ${data.size[0]} by ${data.size[1]} pixels`);
    for (const button of this.one("tools").children) {
      button.hidden = button.dataset.tool !== "select" && !data.tools.includes(button.dataset.tool);
    }
    if (before?.version !== data.version) {
      if (before) this.report.state("drawing", null); // an earlier version may come again, its drawing may not
      await this.takeUp(data);
    }
    if (!this.tool || !data.tools.includes(this.tool)) this.take(data.tools[0] ?? "select");
    this.objects();
    this.show();
  }

  async takeUp({ drags, boxes, brush, size }) {
    this.history = new History({ ...EMPTY, drags, boxes, brush });
    this.selected = this.gesture = null;
    this.mask = new Mask(...size);
    this.one("radius").max = Math.round(size[1] / 3);
    if (!this.sized) this.one("radius").value = Math.round(size[1] / 16);
    this.sized = true;
    const { mask } = this;
    if (brush) await mask.load(media(brush));
    mask.paint(this.drawing);
  }

  take(tool) {
    this.tool = tool;
    this.gesture = null;
    for (const button of this.one("tools").children) {
      button.setAttribute("aria-checked", button.dataset.tool === tool);
      button.tabIndex = button.dataset.tool === tool ? 0 : -1;
    }
    for (const field of this.root.querySelectorAll("[data-for]")) field.hidden = !field.dataset.for.split(" ").includes(tool);
    if (tool !== "select") this.selected = null;
    this.show();
  }

  /** The objects that have boxes, and one more to be drawn. */
  objects() {
    const select = this.one("object");
    const known = [...new Set(this.drawing.boxes.map((box) => box.object))].sort((a, b) => a - b);
    const next = (known[known.length - 1] ?? 0) + 1;
    const chosen = known.includes(this.object) || this.object === next ? this.object : known[0] ?? next;
    select.replaceChildren(
      ...known.map((object) => make("option", { value: object }, String(object))),
      make("option", { value: next }, `${next} (new)`),
    );
    select.value = chosen;
    if (this.root.getRootNode().activeElement !== this.one("phrase")) this.named();
  }

  named() {
    const known = this.drawing.boxes.find((box) => box.object === this.object);
    if (known || this.shownObject !== this.object) this.one("phrase").value = known?.phrase ?? "";
    this.shownObject = this.object;
  }

  rename() {
    const { object, phrase } = this;
    const boxes = this.drawing.boxes.map((box) => (box.object === object ? { ...box, phrase } : box));
    if (boxes.some((box, i) => box !== this.drawing.boxes[i])) this.change({ ...this.drawing, boxes });
  }

  show() {
    if (!this.data || !this.mask || !this.canvas.clientWidth) return;
    const current = this.gesture?.current;
    if (current?.stroke) this.mask.paint(this.drawing, current.stroke);
    const painting = this.tool === "brush" || this.tool === "erase";
    this.scene.show({
      drawing: current?.drawing ?? this.drawing,
      size: this.data.size,
      frame: this.frame,
      selected: this.selected,
      current,
      cross: this.byKeys || painting ? this.cross : null,
      radius: painting ? this.radius : 0,
      mask: this.mask,
    });
    this.list();
    for (const button of this.one("edits").children) {
      const idle = { undo: !this.history.past.length, redo: !this.history.future.length, delete: !this.selected };
      idle.unpaint = !this.drawing.strokes.length && !this.drawing.brush;
      idle.gone = !this.drawing.boxes.some((box) => box.object === this.object && box.frame < this.frame);
      const { edit } = button.dataset;
      button.disabled = idle[edit];
      button.hidden = (edit === "unpaint" && !/brush|erase/.test(this.tool)) || (edit === "gone" && this.tool !== "box");
    }
  }

  /** One button a shape: how a shape is chosen without a mouse. */
  list() {
    const named = [
      ...this.drawing.drags.map((drag, index) => ["drags", index, `Drag ${index + 1}, ${drag.points.length} points`]),
      ...this.drawing.boxes.map((box, index) => {
        const number = this.data.number - this.frame + box.frame;
        return ["boxes", index, `${box.object} ${box.phrase} ${box.box ? "at" : "gone from"} ${number}`];
      }),
    ];
    const chosen = ([kind, index]) => this.selected?.kind === kind && this.selected.index === index;
    const state = JSON.stringify([named, this.selected]);
    if (state === this.listed) return;
    this.listed = state;
    const focused = this.root.getRootNode().activeElement?.dataset?.shape;
    const items = named.map((entry) => {
      const [kind, index, text] = entry;
      const pick = () => this.pick({ kind, index, handle: null });
      const attributes = { type: "button", "data-shape": `${kind}-${index}`, "aria-pressed": chosen(entry), onclick: pick };
      return make("li", {}, make("button", attributes, text));
    });
    this.one("list").replaceChildren(...items);
    if (focused) this.one("list").querySelector(`[data-shape="${focused}"]`)?.focus();
  }

  pick(selected) {
    this.take("select");
    this.selected = selected;
    this.show();
  }

  key(event) {
    if (typing(event) && !(event.target.type === "range" && event.ctrlKey)) return;
    const name = chord(event);
    const onCanvas = event.composedPath()[0] === this.canvas;
    const onShape = event.composedPath()[0].dataset?.shape;
    const step = STEPS[name.replace("Shift+", "")]?.map((one) => one * (name.startsWith("Shift+") ? 10 : 1));
    const act = this.keys()[name];
    if (step && (onCanvas || onShape)) this.arrow(step, onShape);
    else if (onCanvas && name === "Enter") this.enter();
    else if (onCanvas && name === "Escape") this.leave();
    else if (act) act();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  keys() {
    const tools = Object.entries(TOOLS).filter(([name]) => name === "select" || this.data.tools.includes(name));
    const wider = (by) => () => {
      this.one("radius").value = this.radius + by;
      this.show();
    };
    return {
      "Ctrl+z": () => this.undo(),
      "Ctrl+Shift+z": () => this.redo(),
      "Ctrl+y": () => this.redo(),
      Delete: () => this.remove(),
      Backspace: () => this.remove(),
      "[": wider(-2),
      "]": wider(2),
      ...Object.fromEntries(tools.map(([name, { key }]) => [key, () => this.take(name)])),
    };
  }

  /** Arrows move the chosen shape where one is chosen, else the cross; with a stroke begun, the cross draws. */
  arrow([dx, dy], onShape) {
    this.byKeys = true;
    if ((onShape || this.tool === "select") && this.selected && !this.gesture) {
      const shape = this.drawing[this.selected.kind][this.selected.index];
      this.change(replace(this.drawing, this.selected, moved(shape, null, dx, dy)));
    } else {
      const [x, y] = this.cross ?? this.middle;
      this.moveTo([Math.round(x) + dx, Math.round(y) + dy]);
    }
  }

  enter() {
    this.byKeys = true;
    if (this.gesture) this.release(this.cross);
    else this.press(this.cross ?? this.middle);
  }

  close() {
    this.watch.disconnect();
  }
}

export const mount = instances((root, report) => new Draw(root, report));
