/**
 * The tools. Each gesture is press, move, release at points in source pixels, whether it comes from a pointer or from keys.
 * `board` gives {drawing, frame, reach, radius, keyed, selected}; `current` is what is being made.
 */

import { addBox, addDrag, addStroke, boxOf, moved, replace, simplified, under } from "./drawing.js";

const SMALLEST = 2; // source pixels a box must measure to be one

class Gesture {
  constructor(board) {
    this.board = board;
  }

  press(point) {
    this.points = [point];
  }

  move(point) {
    this.points.push(point);
  }

  get last() {
    return this.points[this.points.length - 1];
  }
}

class Drag extends Gesture {
  get current() {
    return { drag: { points: this.points } };
  }

  /** A press without a way is a point that holds still. */
  release() {
    return addDrag(this.board.drawing, simplified(this.points, this.board.reach / 6));
  }
}

class Brush extends Gesture {
  get stroke() {
    return { radius: this.board.radius, erase: false, points: this.points };
  }

  get current() {
    return { stroke: this.stroke };
  }

  release() {
    return addStroke(this.board.drawing, this.stroke);
  }
}

class Erase extends Brush {
  get stroke() {
    return { ...super.stroke, erase: true };
  }
}

class Box extends Gesture {
  get made() {
    return { ...this.board.keyed, box: boxOf(this.points[0], this.last) };
  }

  get current() {
    return { box: this.made };
  }

  release() {
    const { made, board } = this;
    return Math.min(made.box[2], made.box[3]) < SMALLEST ? board.drawing : addBox(board.drawing, made);
  }
}

class Select extends Gesture {
  press(point) {
    super.press(point);
    const { drawing, reach, frame } = this.board;
    this.board.selected = this.held = under(drawing, point, reach, frame);
  }

  get shape() {
    return this.held && this.board.drawing[this.held.kind][this.held.index];
  }

  get result() {
    if (!this.held || this.points.length < 2) return this.board.drawing;
    const [from, to] = [this.points[0], this.last];
    const shape = moved(this.shape, this.held.handle, to[0] - from[0], to[1] - from[1]);
    return replace(this.board.drawing, this.held, shape);
  }

  get current() {
    return { drawing: this.result };
  }

  release() {
    return this.result;
  }
}

export const TOOLS = {
  select: { label: "Select", key: "v", Gesture: Select },
  drag: { label: "Drag", key: "d", Gesture: Drag },
  brush: { label: "Motion brush", key: "b", Gesture: Brush },
  erase: { label: "Erase", key: "e", Gesture: Erase },
  box: { label: "Box", key: "x", Gesture: Box },
};
