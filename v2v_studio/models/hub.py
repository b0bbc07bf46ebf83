"""What there is to fetch: a repository's files at one commit, with their digests, as the hub tells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from v2v_studio.errors import MissingError, StudioError
from v2v_studio.models.download import PATIENCE, Remote
from v2v_studio.models.manifest import Model, matching
from v2v_studio.models.record import RECORD

TRUE = {"1", "ON", "YES", "TRUE"}
WEIGHTS = (".bin", ".ckpt", ".pt", ".pth", ".msgpack", ".h5", ".onnx", ".onnx_data", ".tflite", ".ot")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp4", ".md")


@dataclass(frozen=True)
class Source:
    """Files of one model at one commit."""

    origin: str
    revision: str | None
    licence: str | None
    gated: bool
    files: tuple[Remote, ...]


def is_offline() -> bool:
    """Whether HF_HUB_OFFLINE (or `v2v --offline`) forbids the network."""
    return any(os.environ.get(name, "").upper() in TRUE for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))


def source(model: Model, endpoint: str | None = None) -> Source:
    """Where a model's files are, and what they must be.

    Args:
        endpoint: of the hub; HF_ENDPOINT where not given.

    Raises:
        MissingError: the hub has no such repository, revision or file, or does not give it.
        StudioError: the hub cannot be reached, or answers what cannot be understood.
    """
    return repository_source(model, endpoint) if model.repository else file_source(model)


def repository_source(model: Model, endpoint: str | None) -> Source:
    from huggingface_hub import HfApi, hf_hub_url
    from huggingface_hub.utils import build_hf_headers

    assert model.repository
    with explained(model.repository, model.revision):
        info = HfApi(endpoint=endpoint).model_info(
            model.repository, revision=model.revision, files_metadata=True, timeout=PATIENCE
        )
    siblings = {safe(one.rfilename): one for one in info.siblings or []}
    files = tuple(
        Remote(
            path,
            hf_hub_url(model.repository, path, revision=info.sha, endpoint=endpoint),
            size=siblings[path].size or 0,
            sha256=lfs.sha256 if (lfs := siblings[path].lfs) else model.sha256.get(path),
            blob=siblings[path].blob_id,
            headers=build_hf_headers(),
        )
        for path in chosen(siblings, model)
    )
    for file in files:
        if file.path in model.sha256 and file.sha256 != model.sha256[file.path]:
            raise StudioError(
                f"{model.repository} now holds another {file.path} than the one that is known here (its sha256 differs), so "
                "nothing was fetched; ask for an update of this program"
            )
    licence = info.card_data.get("license") if info.card_data else None
    return Source(model.repository, info.sha, str(licence) if licence else None, bool(info.gated), files)


def file_source(model: Model) -> Source:
    """One file, at an address of the manifest or of torchvision; the first digits of its sha256 are part of its name."""
    from huggingface_hub import get_session

    url = model.address or torchvision_address(model)
    name = url.rpartition("/")[2]
    with explained(model.name, None):
        answer = get_session().head(url, timeout=PATIENCE, headers={"Accept-Encoding": "identity"})
        answer.raise_for_status()
        size = int(answer.headers["Content-Length"])
    beginning = name.rpartition("-")[2].partition(".")[0]
    origin = model.torchvision or url.removeprefix("https://").partition("/")[0]
    return Source(origin, None, None, False, (Remote(name, url, size, sha256=beginning),))


def torchvision_address(model: Model) -> str:
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    from torchvision.models import get_weight

    assert model.torchvision
    return get_weight(model.torchvision).url


def chosen(paths: Iterable[str], model: Model) -> list[str]:
    """The paths that a model needs: those its patterns name, each of which must be there; else all that load it."""
    paths = sorted(paths)
    if not model.files:
        return loadable(paths)
    named = {pattern: matching(pattern, paths) for pattern in model.files}
    if absent := [pattern.replace("|", " or ") for pattern, found in named.items() if not found]:
        raise MissingError(
            f"{model.repository} has no {' and no '.join(absent)} at this revision; see what it has on its page on the hub"
        )
    return sorted({path for found in named.values() for path in found})


def loadable(paths: list[str]) -> list[str]:
    """Of a repository that the manifest does not know: no pictures, and no other form of weights beside safetensors."""
    kept = [path for path in paths if not PurePosixPath(path).name.startswith(".") and not path.endswith(PICTURES)]
    safe_folders = {PurePosixPath(path).parent for path in kept if path.endswith(".safetensors")}
    return [path for path in kept if not (path.endswith(WEIGHTS) and PurePosixPath(path).parent in safe_folders)]


def safe(path: str) -> str:
    """A path that the hub tells, if it stays inside a folder. StudioError if it would not, or would be taken for ours."""
    parts = PurePosixPath(path).parts
    outside = PureWindowsPath(path).drive or "\\" in path or not parts or path.startswith("/") or ".." in parts
    if outside or "\0" in path or parts == (RECORD,):
        raise StudioError(f"the hub names a file {path!r}, which does not stay in its folder; nothing was fetched")
    return path


@contextmanager
def explained(name: str, revision: str | None) -> Iterator[None]:
    """The hub's errors as one sentence each."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        raise MissingError(
            f"{name} is only given to those who accept its licence: do so on its page on the hub, then log in with: "
            "hf auth login"
        ) from None
    except errors.RevisionNotFoundError:
        raise MissingError(f"{name} has no revision {revision} any more; ask for an update of this program") from None
    except errors.RepositoryNotFoundError:
        raise MissingError(
            f"the hub has no {name}, or it is private; check the name, or log in with: hf auth login"
        ) from None
    except errors.HTTPError as error:
        raise StudioError(f"the hub cannot be reached ({first_line(error)}); check the network and try again") from None
    except (ValueError, KeyError, TypeError) as error:
        raise StudioError(f"the hub's answer for {name} is not understood ({first_line(error)}); try again") from None


def first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
