/** Frames, seconds and timecode at an exact rational rate. Frames count from 0 at the player's first. */

export class Clock {
  /** @param rate [numerator, denominator] in frames a second, such as [24000, 1001]. */
  constructor([numerator, denominator]) {
    this.numerator = numerator;
    this.denominator = denominator;
  }

  /** The middle of a frame, in seconds: what to seek to, so that rounding never shows its neighbour. */
  middle(frame) {
    return ((frame + 0.5) * this.denominator) / this.numerator;
  }

  /** The frame on screen at a moment. */
  at(seconds) {
    return Math.floor((seconds * this.numerator) / this.denominator + 1e-3);
  }

  get seconds() {
    return this.denominator / this.numerator;
  }

  /** "HH:MM:SS:FF", non-drop: frames counted by the nearest whole rate. */
  timecode(frame) {
    const whole = Math.max(1, Math.round(this.numerator / this.denominator));
    const seconds = Math.floor(frame / whole);
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frame % whole];
    return parts.map((part) => String(part).padStart(2, "0")).join(":");
  }
}
