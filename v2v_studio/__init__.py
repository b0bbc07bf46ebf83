"""v2v_studio: zero-shot video-to-video, shot by shot.

Every track is one line: a first frame and a motion go into a renderer, frames come out.
"""

__version__ = "0.4.0"
