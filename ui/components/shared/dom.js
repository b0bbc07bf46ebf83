/** Small helpers for the page's elements. Text is always set as text, never as HTML. */

/** A new element: `make("button", { type: "button", class: "tool" }, "Undo")`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** The address of a file or a small picture of the project, and of nothing else. */
export function media(address) {
  if (!/^\/(project|thumbnail)\//.test(address)) throw new Error(`${address} is no file of the project`);
  return address;
}

/** Whether a key is being typed into a field. */
export function typing(event) {
  const [inner] = event.composedPath();
  return inner.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(inner.tagName ?? "");
}

/** What a key is called in our tables: "a", "Shift+ArrowLeft", "Ctrl+z". Command counts as Ctrl. */
export function chord(event) {
  const letter = event.key.length === 1;
  const key = letter ? event.key.toLowerCase() : event.key;
  const held = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  return held + (event.shiftKey && (!letter || held) ? "Shift+" : "") + key;
}

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * The size a canvas is drawn at: its CSS size times the screen's pixel ratio. Returns the context, scaled so that one unit
 * is one CSS pixel.
 */
export function fitted(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** A colour of the page, such as "accent". */
export const colour = (element, name) => getComputedStyle(element).getPropertyValue(`--${name}`).trim();
