"""What the room serves beside Streamlit's own: pictures and video of the project by range, and our components' files."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ui.room import opened
from v2v_studio.errors import ResourceError, StudioError, full, sentence

LIMITS = {"footage": 16 * 10**9, "painted": 200 * 10**6}  # bytes
FOLDERS = {"footage": "footage", "painted": "cache/uploads"}
PLAINLY = {"X-Content-Type-Options": "nosniff"}
COMPONENTS = Path(__file__).with_name("components")
TYPES = {
    ".css": "text/css",
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".webp": "image/webp",
}


def routes() -> list[Route]:
    """The routes of a server, whose project is that of the environment."""
    return [
        Route("/project/{name:path}", media),
        Route("/thumbnail/{name:path}", thumbnail),
        Route("/frame/{shot}/{number:int}", frame),
        Route("/components/{name:path}", component),
        Route("/upload/{kind}", upload, methods=["POST"]),
    ]


def media(request: Request) -> Response:
    """A file of the project that may be shown: whole, or the range that is asked for (RFC 9110, 14). 404 for all others.

    Which files may be shown, the service says. What is no picture and no video, or is asked for with `?download=NAME`, is
    given to be kept, not to be shown.
    """
    try:
        path = opened().servable(request.path_params["name"])
    except StudioError:
        return nothing()
    kept = path.suffix not in TYPES or "download" in request.query_params
    return file(path, "private, max-age=86400", (request.query_params.get("download") or path.name) if kept else None)


def thumbnail(request: Request) -> Response:
    """A picture of a shot, a first frame or a take, small unless `?number=` and `?height=` say otherwise.

    It is made if need be: a page of three hundred waits for none.
    """
    try:
        asked = {key: int(request.query_params[key]) for key in ("number", "height") if key in request.query_params}
        picture = opened().thumbnail(request.path_params["name"], **asked)
    except (StudioError, OSError, ValueError):
        return nothing()
    headers = {**PLAINLY, "Cache-Control": "private, max-age=300"}
    return Response(picture, media_type="image/jpeg", headers=headers)


def frame(request: Request) -> Response:
    """A frame of a shot's footage as a PNG, to be painted on and kept."""
    shot, number = request.path_params["shot"], request.path_params["number"]
    try:
        picture = opened().frame(shot, number)
    except (StudioError, OSError):
        return nothing()
    kept = {
        "Content-Disposition": f'attachment; filename="{shot}.{number}.png"'
    }  # a shot that is there has a plain name
    return Response(picture, media_type="image/png", headers={**PLAINLY, **kept})


async def upload(request: Request) -> Response:
    """A file for the project, `?name=` as the sender calls it, written to disk as it comes.

    kind is footage, which is taken in, or painted, a picture that is kept for its translator. Only a page of this server
    may send one. The answer is JSON: `footage` or `path`, or an `error` to show.
    """
    if request.headers.get("origin", "").partition("://")[2] != request.headers.get("host"):
        return JSONResponse({"error": "only the room itself may send files"}, 403)
    kind, name = request.path_params["kind"], request.query_params.get("name", "")
    if kind not in LIMITS:
        return nothing()
    try:
        studio = opened()
        with studio.receiving(name, LIMITS[kind], FOLDERS[kind]) as incoming:
            async for piece in request.stream():
                incoming.write(piece)
        if kind == "painted":
            return JSONResponse({"path": str(incoming.path)})
        return JSONResponse({"footage": (await run_in_threadpool(studio.take_in, incoming.path)).id})
    except ResourceError as error:
        return JSONResponse({"error": str(error)}, 413)
    except StudioError as error:
        return JSONResponse({"error": str(error)}, 400)
    except OSError as error:
        return JSONResponse({"error": sentence(error)}, 507 if full(error) else 403)


def component(request: Request) -> Response:
    """A script or a style of ours."""
    path = (COMPONENTS / request.path_params["name"]).resolve()
    if path.suffix not in (".js", ".css") or not path.is_relative_to(COMPONENTS.resolve()) or not path.is_file():
        return nothing()
    return file(path, "no-cache")


def file(path: Path, caching: str, keep_as: str | None = None) -> Response:
    """Streamed from disk in pieces; the type is ours, never guessed from what is inside."""
    headers = {**PLAINLY, "Cache-Control": caching}
    kind = TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=kind, headers=headers, filename=keep_as)


def nothing() -> Response:
    return PlainTextResponse("not found", 404, headers=PLAINLY)
