"""Videos whose frames show their number, for tests that must know which frame is on screen."""

from fractions import Fraction

import av
import numpy as np

RATE, FRAMES, SIZE = Fraction(24000, 1001), 48, (320, 180)  # of the pictures: width, height
READ = """(video, [width, height]) => {
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  let frame = 0;
  for (let bit = 0; bit < 8; bit++) frame += context.getImageData(20 + 40 * bit, 90, 1, 1).data[0] > 127 ? 1 << bit : 0;
  return frame;
}"""


def counted(path):
    """Frames that show their number in eight blocks, black or white, the lowest bit first."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "12", "g": "12"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(FRAMES):
            bits = [(number >> bit & 1) * 255 for bit in range(8)]
            picture = np.repeat(np.repeat(np.uint8([bits]), 40, 1), SIZE[1], 0)
            frame = av.VideoFrame.from_ndarray(np.stack([picture] * 3, -1), "rgb24")
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def number_on(video):
    """The number that a video element shows."""
    return video.evaluate(READ, list(SIZE))
