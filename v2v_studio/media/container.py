"""Opening a video file and nothing else: no address, no playlist, no file that another file points to."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import check_size

# Demuxers that read one file and follow no references: not hls, dash, concat, image2, tty or any network format.
FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,mxf,ogg,asf,dv,ivf,yuv4mpegpipe,gif,apng"
READABLE = "readable are video files (mp4, mov, mkv, webm, avi, ts, mxf, gif) and PNG, JPEG or TIFF pictures"


def open_video(path: Path) -> InputContainer:
    """Open a local video file for demuxing and decoding.

    Raises:
        MediaError: missing, empty, cut off before its index, or not a video; one sentence each.
    """
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"{path} does not exist or is no file; {READABLE}")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty (0 bytes); copy or export it again")
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        return av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        with open(path, "rb") as file:
            cut_off = file.read(8)[4:] == b"ftyp"
        if cut_off:
            message = f"{path} was cut off before its index was written (no moov atom); copy it again from the camera"
        else:
            message = f"{path} is not a video that can be read; {READABLE}"
        raise MediaError(message) from error


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first stream of moving pictures; a cover picture is none.

    Raises:
        MediaError: audio only, no decoder, or absurdly large frames.
    """
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving:
        what = "sound but no picture" if container.streams.audio else "no video stream"
        raise MediaError(f"{path} has {what}; give a file with video")
    stream = moving[0]
    codec = stream.codec_context
    if codec is None or codec.pix_fmt is None:
        raise MediaError(f"{path} has video of a kind that cannot be decoded; convert it to H.264 or ProRes")
    check_size(path, codec.width, codec.height)
    return stream
