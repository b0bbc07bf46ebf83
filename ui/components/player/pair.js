/** Two videos that show the same frame at all times. A leads; B is kept in step. */

import { clamp } from "../shared/dom.js";

const FASTEST = 4;

/** The first of some events, at once where it has failed already. */
function first(video, names) {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of names) video.removeEventListener(name, done);
      resolve();
    };
    for (const name of names) video.addEventListener(name, done);
    if (video.error) done();
  });
}

export class Pair {
  /**
   * @param a, b video elements; b may have no source.
   * @param onFrame called with the frame shown, whenever it changes.
   * @param onRest called when both stand still on a frame.
   */
  constructor(a, b, onFrame, onRest) {
    Object.assign(this, { a, b, onFrame, onRest, frame: 0, speed: 0, starts: [0, 0], wanted: null, seeking: false });
    a.addEventListener("ended", () => this.pause());
  }

  /** @param sources two of {url, start}: where the file is and which of its frames is the player's first; b may be null. */
  load(clock, frames, sources) {
    this.clock = clock;
    this.frames = frames;
    this.starts = sources.map((source) => source?.start ?? 0);
    this.videos = [this.a, this.b].filter((video, i) => sources[i]);
    [this.a, this.b].forEach((video, i) => {
      if (!sources[i]) video.removeAttribute("src");
      else if (video.getAttribute("src") !== sources[i].url) video.src = sources[i].url;
    });
    this.show(clamp(this.frame, 0, frames - 1));
  }

  startOf(video) {
    return this.starts[video === this.a ? 0 : 1];
  }

  /** Show a frame, standing still. Frames asked for while one is being found are left out, all but the last. */
  show(frame) {
    this.halt();
    return this.seek(clamp(frame, 0, this.frames - 1));
  }

  async seek(frame) {
    this.wanted = frame;
    this.setFrame(frame);
    if (this.seeking) return;
    this.seeking = true;
    while (this.wanted !== null) {
      const target = this.wanted;
      await Promise.all(this.videos.map((video) => this.settle(video, target)));
      if (this.wanted === target) this.wanted = null;
    }
    this.seeking = false;
    if (!this.speed) this.onRest(this.frame);
  }

  /** Once the video is at a frame, or cannot be. */
  async settle(video, frame) {
    if (!video.readyState) await first(video, ["loadedmetadata", "error", "emptied"]);
    if (video.error || !video.readyState) return;
    const found = first(video, ["seeked", "error", "emptied"]);
    video.currentTime = this.clock.middle(frame + this.startOf(video));
    await found;
  }

  setFrame(frame) {
    if (frame === this.frame && this.told) return;
    this.told = true;
    this.frame = frame;
    this.onFrame(frame);
  }

  get playing() {
    return this.speed !== 0;
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play(1);
  }

  pause() {
    this.show(this.frame);
  }

  halt() {
    this.speed = 0;
    cancelAnimationFrame(this.tick);
    for (const video of [this.a, this.b]) video.pause();
  }

  /** Faster in a direction at each call: 1, 2, 4 times; the other direction starts over at 1. */
  shuttle(direction) {
    const faster = Math.sign(this.speed) === direction ? Math.abs(this.speed) * 2 : 1;
    this.play(direction * Math.min(faster, FASTEST));
  }

  play(speed) {
    this.halt();
    if (speed > 0 && this.frame >= this.frames - 1) this.setFrame(0);
    this.speed = speed;
    if (speed > 0) this.forward(speed);
    else this.backward(-speed);
  }

  async forward(speed) {
    await this.seek(this.frame);
    if (this.speed !== speed) return;
    for (const video of this.videos) {
      video.playbackRate = speed;
      video.play().catch(() => this.halt());
    }
    const follow = () => {
      if (this.speed !== speed) return;
      const frame = this.clock.at(this.a.currentTime) - this.startOf(this.a);
      if (frame >= this.frames - 1) return this.show(this.frames - 1);
      this.setFrame(Math.max(frame, 0));
      this.keepStep(speed);
      this.next(follow);
    };
    this.next(follow);
  }

  /** Calls back with the next frame that A presents, where the browser can tell; else with the next repaint. */
  next(callback) {
    if (this.a.requestVideoFrameCallback) this.a.requestVideoFrameCallback(callback);
    else this.tick = requestAnimationFrame(callback);
  }

  /** B a little faster or slower while it is less than two frames off; beyond that it jumps. */
  keepStep(speed) {
    if (this.videos.length < 2) return;
    const shift = (this.starts[1] - this.starts[0]) * this.clock.seconds;
    const behind = this.a.currentTime + shift - this.b.currentTime;
    if (Math.abs(behind) > 2 * this.clock.seconds) this.b.currentTime = this.a.currentTime + shift;
    this.b.playbackRate = speed * clamp(1 + 2 * behind, 0.8, 1.25);
  }

  /** No browser plays backwards: frames are sought one by one, as fast as they come. */
  backward(speed) {
    let before = performance.now();
    let exact = this.frame;
    const step = (now) => {
      if (this.speed !== -speed) return;
      exact -= ((now - before) / 1000 / this.clock.seconds) * speed;
      before = now;
      if (exact <= 0) return this.show(0);
      if (Math.round(exact) !== this.frame) this.seek(Math.round(exact));
      this.tick = requestAnimationFrame(step);
    };
    this.tick = requestAnimationFrame(step);
  }
}
