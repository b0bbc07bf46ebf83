/**
 * The player: two videos in step, compared by a wipe, side by side, by difference or as onion skin; a frame stepper, a strip
 * of curves, and the keys of a review.
 *
 * Data: {a, b, rate, frames, number, timecode, size, frame, mode, curves, flags, notes, decisions}; see player() in
 * ui/components/__init__.py. It reports the state `frame`, where it stands still, and the event `event`: {kind, frame}, kind
 * one of approve, reject, note (with text and box).
 */

import { chord, clamp, make, media, typing } from "../shared/dom.js";
import { instances } from "../shared/instances.js";
import { Clock } from "./clock.js";
import { NoteForm, pin } from "./note.js";
import { Pair } from "./pair.js";
import { Strip } from "./strip.js";

const MODES = [
  ["wipe", "Wipe"],
  ["beside", "Side by side"],
  ["difference", "Difference"],
  ["onion", "Onion skin"],
  ["single", "A"],
  ["other", "B"],
];
const DECISIONS = [
  ["approve", "Approve", "a"],
  ["reject", "Reject", "r"],
  ["note", "Note", "n"],
];
const REPORT_AFTER = 150; // ms that a frame must stand before Python hears of it

class Player {
  constructor(root, report) {
    const one = (name) => root.querySelector(`[data-${name}]`);
    Object.assign(this, { root, report, one, data: null, split: 0.5, mode: "wipe" });
    this.stage = one("stage");
    this.pair = new Pair(one("a"), one("b"), (frame) => this.shown(frame), (frame) => this.rest(frame));
    this.strip = new Strip(one("strip"), one("curves"), one("cursor"), (frame) => this.pair.show(frame));
    this.note = new NoteForm(root, this.stage, (note) => this.tell("note", note));
    this.buildModes();
    this.buildTransport();
    this.buildDecisions();
    this.listen();
    this.setSplit(0.5);
  }

  buildModes() {
    MODES.forEach(([mode, label], i) => {
      const pressed = () => this.setMode(mode);
      const button = make("button", { type: "button", role: "radio", "data-mode": mode, onclick: pressed }, label);
      button.append(make("kbd", { "aria-hidden": "true" }, String(i + 1)));
      this.one("modes").append(button);
    });
  }

  buildTransport() {
    const buttons = [
      ["First frame", "Home", "|◀"],
      ["Ten frames back", "Shift+ArrowLeft", "−10"],
      ["One frame back", "ArrowLeft", "−1"],
      ["Play or pause", " ", "▶"],
      ["One frame on", "ArrowRight", "+1"],
      ["Ten frames on", "Shift+ArrowRight", "+10"],
      ["Last frame", "End", "▶|"],
    ];
    for (const [label, key, face] of buttons) {
      const title = `${label} (${key === " " ? "Space" : key})`;
      const attributes = { type: "button", "aria-label": label, title, onclick: () => this.keys()[key]() };
      this.one("transport").append(make("button", attributes, face));
    }
  }

  buildDecisions() {
    for (const [kind, label, key] of DECISIONS) {
      const attributes = { type: "button", "data-decision": kind, onclick: () => this.decide(kind) };
      this.one("decisions").append(make("button", attributes, label, make("kbd", { "aria-hidden": "true" }, key)));
    }
  }

  listen() {
    this.onKey = (event) => this.key(event);
    window.addEventListener("keydown", this.onKey, true);
    const drag = (event) => {
      if (!(event.buttons & 1)) return;
      if (this.note.open) this.note.drag(event);
      else if (this.mode === "wipe") this.setSplit(this.across(event));
    };
    this.stage.addEventListener("pointerdown", (event) => {
      this.stage.setPointerCapture(event.pointerId);
      if (this.note.open) this.note.press(event);
      drag(event);
    });
    this.stage.addEventListener("pointermove", drag);
    this.stage.addEventListener("mousedown", (event) => this.note.open && event.preventDefault()); // the text keeps the focus
    this.one("mix").addEventListener("input", (event) => this.setSplit(event.target.value / 100));
    for (const name of ["a", "b"]) this.one(name).addEventListener("error", () => this.fail(name));
  }

  across({ clientX }) {
    const { left, width } = this.stage.getBoundingClientRect();
    return (clientX - left) / width;
  }

  fail(name) {
    if (!this.one(name).getAttribute("src")) return;
    this.one("failed").hidden = false;
    this.one("failed").textContent = `The video ${name.toUpperCase()} cannot be played; its preview may still be in the making.`;
  }

  update(data) {
    const before = this.data;
    this.data = data;
    const sources = [data.a, data.b].map((side) => side && { url: media(side.url), start: side.start });
    const files = (one) => JSON.stringify([one?.a, one?.b, one?.rate, one?.frames]);
    this.stage.style.setProperty("--aspect", data.size[0] / data.size[1]);
    this.strip.update(data);
    pin(this.one("pins"), data.notes, data.size, this.pair.frame);
    if (files(before) !== files(data)) {
      this.one("failed").hidden = true;
      this.pair.load(new Clock(data.rate), data.frames, sources);
    }
    for (const button of this.one("modes").children) button.disabled = !data.b && button.dataset.mode !== "single";
    for (const button of this.one("decisions").children) {
      button.hidden = !data.decisions.includes(button.dataset.decision);
    }
    this.setMode(!data.b ? "single" : before?.mode === data.mode && before?.b ? this.mode : data.mode);
    if (before?.frame !== data.frame && data.frame !== null) this.pair.show(data.frame);
  }

  setMode(mode) {
    this.mode = this.stage.dataset.mode = mode;
    for (const button of this.one("modes").children) {
      const chosen = button.dataset.mode === mode;
      button.setAttribute("aria-checked", chosen);
      button.tabIndex = chosen ? 0 : -1;
    }
    this.one("mix-label").hidden = mode !== "onion";
    const { a, b } = this.data;
    const names = { single: a?.label, other: b?.label };
    this.one("names").textContent = names[mode] ?? [a, b].filter(Boolean).map((side) => side.label).join(" | ");
  }

  setSplit(split) {
    this.split = clamp(split, 0, 1);
    this.stage.style.setProperty("--split", this.split);
    this.one("seam").setAttribute("aria-valuenow", Math.round(100 * this.split));
    this.one("mix").value = Math.round(100 * this.split);
  }

  shown(frame) {
    if (!this.data) return;
    delete this.root.dataset.at;
    const timecode = this.pair.clock.timecode(this.data.timecode + frame);
    this.one("number").textContent = this.data.number + frame;
    this.one("timecode").textContent = timecode;
    pin(this.one("pins"), this.data.notes, this.data.size, frame);
    this.strip.move(frame, `frame ${this.data.number + frame}, ${timecode}`);
    this.one("transport").children[3].textContent = this.pair.playing ? "❚❚" : "▶";
  }

  /** Both pictures stand still on a frame: `data-at` says so. */
  rest(frame) {
    this.shown(frame);
    this.root.dataset.at = frame;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      if (this.reported === frame || this.pair.playing) return;
      this.reported = frame;
      this.report.state("frame", frame);
    }, REPORT_AFTER);
  }

  tell(kind, more = {}) {
    this.report.event("event", { kind, frame: this.pair.frame, ...more });
  }

  decide(kind) {
    if (!this.data.decisions.includes(kind)) return;
    if (this.pair.playing) this.pair.pause();
    if (kind === "note") this.note.show(this.data.size);
    else this.tell(kind);
  }

  flagged(direction) {
    const ahead = this.data.flags.filter((frame) => Math.sign(frame - this.pair.frame) === direction);
    if (ahead.length) this.pair.show(direction > 0 ? Math.min(...ahead) : Math.max(...ahead));
  }

  /** What each key does. */
  keys() {
    const step = (count) => () => this.pair.show(this.pair.frame + count);
    const split = (share) => () => this.setSplit(this.split + share);
    return {
      ArrowLeft: step(-1),
      ArrowRight: step(1),
      "Shift+ArrowLeft": step(-10),
      "Shift+ArrowRight": step(10),
      Home: () => this.pair.show(0),
      End: () => this.pair.show(this.data.frames - 1),
      " ": () => this.pair.toggle(),
      j: () => this.pair.shuttle(-1),
      k: () => this.pair.pause(),
      l: () => this.pair.shuttle(1),
      ",": () => this.flagged(-1),
      ".": () => this.flagged(1),
      "[": split(-0.02),
      "]": split(0.02),
      ...Object.fromEntries(DECISIONS.map(([kind, , key]) => [key, () => this.decide(kind)])),
      ...Object.fromEntries(MODES.map(([mode], i) => [String(i + 1), () => this.data.b && this.setMode(mode)])),
    };
  }

  /** Keys count while the player has the focus, or nothing has; never while something is typed. */
  key(event) {
    const path = event.composedPath();
    const here = path.includes(this.root);
    if (!this.data || (!here && path[0] !== document.body) || typing(event)) return;
    const name = chord(event);
    if (path[0] === this.one("seam") && /^(Shift\+)?Arrow/.test(name)) {
      const by = (name.includes("Shift") ? 0.1 : 0.01) * (/Left|Down/.test(name) ? -1 : 1);
      this.setSplit(this.split + by);
    } else if (path[0].getAttribute?.("role") === "radio" && /^Arrow/.test(name)) {
      this.neighbour(path[0], /Left|Up/.test(name) ? -1 : 1);
    } else {
      const action = this.keys()[name];
      if (!action || (here && path[0].tagName === "BUTTON" && name === " ")) return;
      action();
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  neighbour(button, direction) {
    const all = [...this.one("modes").children].filter((one) => !one.disabled);
    const next = all[(all.indexOf(button) + direction + all.length) % all.length];
    this.setMode(next.dataset.mode);
    next.focus();
  }

  close() {
    window.removeEventListener("keydown", this.onKey, true);
    clearTimeout(this.waiting);
    this.pair.halt();
    this.strip.close();
  }
}

export const mount = instances((root, report) => new Player(root, report));
