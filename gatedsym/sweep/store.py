"""A folder of records, each under the digest of what it is the answer to: a point is measured once, and found again.

    FOLDER/records/3f/3f09…-77ab….npz     what was asked, and by which code it was answered
    FOLDER/unfinished/                    runs that were under way
    FOLDER/seconds.tsv                    how long each took, for estimates alone

A record is believed if it is whole, of this schema, of the same point, and nobody else could have written it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gatedsym.errors import DataError
from gatedsym.files.cache import distrust
from gatedsym.files.read import MIB, read_bytes
from gatedsym.files.write import write_atomically
from gatedsym.sweep.entry import Experiment, Key
from gatedsym.sweep.points import Point
from gatedsym.sweep.record import Outcome, pack_outcome, unpack_outcome

_ASKED, _CODE = 32, 16  # digits of the two digests in the name of a file: 128 and 64 bits

_MOST_SECONDS = 64 * MIB
"""Most bytes of the times that records took."""


@dataclass
class Store:
    """Records in a folder.

    Attributes
    ----------
    folder : Path
    doubted : list of str
        A sentence for each record that was not believed.

    Examples
    --------
    >>> from pathlib import Path
    >>> import gatedsym as gs
    >>> data = gs.sweep.run(gs.sweep.product_points(cell="rnn", n=4), "jacobian_sheet", out="study", workers=1)
    >>> found = gs.sweep.Store(Path("study"))
    >>> found.read(gs.sweep.experiments()["jacobian_sheet"].key({"cell": "rnn", "n": 4})).status
    'measured'
    """

    folder: Path
    doubted: list[str] = field(default_factory=list)

    def require_writable(self) -> None:
        """Raise DataError if nothing can be kept there."""
        try:
            (self.folder / "records").mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder / "records").close()
        except OSError as error:
            raise DataError(
                f"{self.folder} cannot be written ({error.strerror}): choose another folder for the sweep."
            ) from None

    def path(self, key: Key) -> Path:
        """The file of a record."""
        asked = key.asked[:_ASKED]
        return self.folder / "records" / asked[:2] / f"{asked}-{key.code[:_CODE]}.npz"

    def read(self, key: Key, any_code: bool = False) -> Outcome | None:
        """The outcome under a key; None where there is none that is believed.

        Parameters
        ----------
        key : Key
            Of a point, as `Experiment.key` gives it.
        any_code : bool
            Take the answer of other code where this one has not answered: of several the one that was written last.

        Returns
        -------
        Outcome or None
        """
        exact = self.path(key)
        paths = [exact] if exact.exists() else []
        if any_code and not paths:
            others = exact.parent.glob(f"{key.asked[:_ASKED]}-*.npz")
            paths = sorted(others, key=lambda p: (p.stat().st_mtime_ns, p.name), reverse=True)
        for path in paths:
            if (found := self._believed(path, key)) is not None:
                return found
        return None

    def has_other_code(self, key: Key) -> bool:
        """Whether other code has answered what is asked."""
        exact = self.path(key)
        return any(path != exact for path in exact.parent.glob(f"{key.asked[:_ASKED]}-*.npz"))

    def _believed(self, path: Path, key: Key) -> Outcome | None:
        try:
            if reason := distrust(os.lstat(path)):
                raise DataError(f"{path} {reason}: copy it yourself if you trust it.")
            facts, outcome = unpack_outcome(path)
            if facts.get("asked") != key.asked or path.name != self.path(Key(key.asked, str(facts.get("code")))).name:
                raise DataError(f"{path} is the record of another point: it stands under a name that is not its own.")
        except (DataError, OSError) as error:
            self.doubted.append(str(error))
            return None
        return outcome

    def write(self, experiment: Experiment, point: Point, key: Key, outcome: Outcome) -> None:
        """Keep an outcome."""
        from gatedsym.version import __version__

        named = {
            "experiment": experiment.name, "point": dict(point), "asked": key.asked, "code": key.code,
            "version": __version__,
        }  # fmt: skip
        write_atomically(self.path(key), pack_outcome(outcome, named))
        self._note_seconds(key, outcome.seconds)
        with suppress(OSError):
            self.unfinished(key).unlink()

    def unfinished(self, key: Key) -> Path:
        """The file of a run that is under way."""
        return self.folder / "unfinished" / self.path(key).name

    def _note_seconds(self, key: Key, seconds: float) -> None:
        line = f"{self.path(key).stem}\t{seconds:.3f}\n".encode()
        with open(self.folder / "seconds.tsv", "ab", buffering=0) as file:  # one write: lines of processes stay whole
            file.write(line)

    def seconds(self) -> dict[str, float]:
        """Seconds that records took, by the stem of their files; lines that are none are left out."""
        found: dict[str, float] = {}
        with suppress(DataError):
            content = read_bytes(self.folder / "seconds.tsv", _MOST_SECONDS, "remove it: times alone are in it.")
            for line in content.decode("utf-8", "replace").splitlines():
                stem, _, seconds = line.partition("\t")
                with suppress(ValueError):
                    found[stem] = float(seconds)
        return found

    def take(self, other: Store) -> int:
        """Copy the records of another store that this one has not; how many.

        Raises
        ------
        DataError
            If the other folder holds no records.
        """
        if not (other.folder / "records").is_dir():
            raise DataError(f"{other.folder} has no records of a sweep: name the folder that --out named.")
        self.require_writable()
        taken = 0
        for path in other._files():
            own = self.folder / path.relative_to(other.folder)
            if self._take(path, own):
                taken += 1
        return taken

    def _take(self, path: Path, own: Path) -> bool:
        """Copy a record that is whole, unless it is there."""
        try:
            unpack_outcome(path)
        except DataError as error:
            self.doubted.append(str(error))
            return False
        if own.exists():
            return False
        write_atomically(own, path.read_bytes())
        return True

    def _files(self) -> Iterator[Path]:
        yield from sorted((self.folder / "records").glob("??/*.npz"))


__all__ = ["Store"]
