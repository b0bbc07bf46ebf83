/** The motion brush: a mask as large as the source, made again from its strokes. White may move. */

export class Mask {
  constructor(width, height) {
    this.canvas = new OffscreenCanvas(width, height);
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.base = null;
  }

  /** Take up a mask that was painted before. */
  async load(address) {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const canvas = new OffscreenCanvas(this.canvas.width, this.canvas.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < image.data.length; i += 4) image.data.set([255, 255, 255, image.data[i] > 127 ? 255 : 0], i);
    context.putImageData(image, 0, 0);
    this.base = canvas;
  }

  /** Paint a drawing's strokes, and one that is being made. */
  paint(drawing, current) {
    const { context, canvas } = this;
    context.globalCompositeOperation = "source-over";
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (drawing.brush && this.base) context.drawImage(this.base, 0, 0);
    for (const stroke of current ? [...drawing.strokes, current] : drawing.strokes) this.stroke(stroke);
  }

  stroke({ radius, erase, points }) {
    const { context } = this;
    context.globalCompositeOperation = erase ? "destination-out" : "source-over";
    context.strokeStyle = context.fillStyle = "#fff";
    Object.assign(context, { lineWidth: 2 * radius, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    if (points.length === 1) {
      context.arc(...points[0], radius, 0, 2 * Math.PI);
      context.fill();
      return;
    }
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
  }

  /** The mask as a PNG in base64, black and white without a grey between; null where nothing is painted. */
  async png() {
    const { width, height } = this.canvas;
    const image = this.context.getImageData(0, 0, width, height);
    let any = false;
    for (let i = 0; i < image.data.length; i += 4) {
      const white = image.data[i + 3] > 127 ? 255 : 0;
      any ||= white > 0;
      image.data.set([white, white, white, 255], i);
    }
    if (!any) return null;
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").putImageData(image, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  }
}
