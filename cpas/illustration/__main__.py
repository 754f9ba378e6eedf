"""`python -m cpas.illustration` writes the checkout's `sample_data` anew, and leaves what runs have put there."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from cpas.illustration.broken import write_broken
from cpas.illustration.mission import SAMPLE_SEED, write_sample


def rewrite(folder: Path) -> None:
    """Replace the parts of a sample folder that are generated: 24 months, scale 1, the repository's seed."""
    with TemporaryDirectory() as temporary:
        new = Path(temporary) / "sample"
        write_sample(new, 24, 1.0, SAMPLE_SEED)
        write_broken(new / "broken")
        folder.mkdir(exist_ok=True)
        for part in sorted(new.iterdir()):
            old = folder / part.name
            if old.is_dir():
                shutil.rmtree(old)
            shutil.move(part, old)


if __name__ == "__main__":
    rewrite(Path("sample_data"))
