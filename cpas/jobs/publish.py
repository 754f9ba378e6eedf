"""A set of finished files put in place all at once; a failure leaves what was published before."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from cpas import __version__
from cpas.errors import RenderError, UsageError

LIBRARIES = (
    *("deltalake", "fastexcel", "great_expectations", "jinja2", "matplotlib", "openpyxl", "polars"),
    *("pydantic", "python-docx", "scipy", "shapely", "sqlalchemy", "sqlglot"),
)
MANIFEST = "manifest.json"
MANIFESTS = "*manifest.json"
"""Reports that share a folder have each a manifest of its own, which ends so."""


def check_target(folder: Path) -> None:
    """Whether a report may be published into a folder: it is new, empty, or holds nothing but what was published.

    Raises:
        UsageError: The folder has files of somebody's own, which would be gone.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"`{folder}` is a file; name a folder")
    found = {path.name for path in folder.iterdir()}
    known = {name for path in folder.glob(MANIFESTS) for name in _published(path)}
    if found and not found <= known:
        raise UsageError(f"`{folder}` holds files that are not a report's; publish into a new folder")


def _published(manifest: Path) -> set[str]:
    """The names that the manifest of an earlier publication lists, and its own."""
    try:
        content = json.loads(manifest.read_bytes())
        names = {manifest.name, *(entry["file"] for entry in content["outputs"])}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in names if Path(name).name == name}


def publish(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder of their own beside the target, then put that in the target's place.

    What another report published into the target, as its own manifest lists it, stays there.

    Raises:
        RenderError: The disk refused; what was published before is still there.
    """
    staged: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        for name, content in files.items():
            (staged / name).write_bytes(content)
        for manifest in folder.glob(MANIFESTS):
            for name in _published(manifest) - files.keys() if manifest.name not in files else ():
                shutil.copy2(folder / name, staged / name)
        staged.chmod(0o755)
        _exchange(staged, folder)
    except OSError as error:
        raise RenderError(
            f"{folder} could not be written: {error.strerror}; what was published before is unchanged"
        ) from error
    finally:
        if staged is not None:
            shutil.rmtree(staged, ignore_errors=True)


def _exchange(staged: Path, folder: Path) -> None:
    """Put the staged folder in place; the one that was there goes only once the new one stands."""
    previous = staged.with_name(f"{staged.name}-previous")
    if folder.exists():
        folder.rename(previous)
    try:
        staged.rename(folder)
    except OSError:
        if previous.exists():
            previous.rename(folder)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def manifest(
    request: Mapping[str, str],
    inputs: Iterable[tuple[str, str, int]],
    definitions: Iterable[tuple[str, Path]],
    outputs: Mapping[str, bytes],
) -> bytes:
    """What a report was made from and by: hashes of every input, definition and output, and versions.

    Args:
        request: What was asked for.
        inputs: Name, SHA-256 and size in bytes of each file read.
        definitions: Name and path of each definition read.
        outputs: Name and content of each file written.
    """
    content = {
        "program": {"name": "cpas", "version": __version__},
        "libraries": {name: version(name) for name in LIBRARIES},
        "request": dict(request),
        "inputs": [{"file": name, "sha256": digest, "bytes": size} for name, digest, size in sorted(inputs)],
        "definitions": [_entry(name, path.read_bytes()) for name, path in sorted(definitions)],
        "outputs": [_entry(name, data) for name, data in sorted(outputs.items())],
    }
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _entry(name: str, content: bytes) -> dict[str, str | int]:
    return {"file": name, "sha256": sha256(content).hexdigest(), "bytes": len(content)}
