"""A file that torch saved → its tensors, by torch's loader that knows tensors alone and runs nothing."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gatedsym.conventions.stored_array import DAMAGES, Contents, StoredArray
from gatedsym.errors import DataError
from gatedsym.files.read import MAX_ARRAYS, size_words
from gatedsym.typing import Array

SAFE = (2, 10)
"""The first torch whose `weights_only` keeps its word; older ones can be made to run code (CVE-2026-24747)."""

DEPTH = 8
"""Most dictionaries inside of each other that a checkpoint is searched for tensors."""


def read_torch(path: Path) -> Contents:
    """The tensors of a state dict or a checkpoint; those of a dictionary in it are named with its key before theirs.

    Raises
    ------
    DataError
        If torch is not there or too old, or the file is damaged, or holds more than plain tensors.
    """
    torch = _safe_torch(path)
    _check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            held = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle fails in any of its parser's ways
        raise _refusal(path, str(error)) from None
    arrays: dict[str, StoredArray] = {}
    for name, tensor in _tensors(torch, held, "", DEPTH):
        if name in arrays:
            raise DataError(f"{path} holds {name} twice: save the state dict alone.")
        arrays[name] = _stored(torch, name, tensor)
    return Contents(arrays)


def _safe_torch(path: Path) -> Any:
    try:
        import torch
    except ImportError:
        raise DataError(
            f"{path} is a file of torch, which is not installed: install torch, or save the weights as .safetensors."
        ) from None
    version = tuple(int(number) for number in re.findall("[0-9]+", torch.__version__)[:2])
    if version < SAFE:
        raise DataError(
            f"{path} is not read by torch {torch.__version__}, whose safe loader can be made to run code: install "
            f"torch {'.'.join(map(str, SAFE))} or later, or save the weights as .safetensors."
        )
    return torch


def _check_archive(path: Path) -> None:
    """Refuse what is no archive of torch, or unfolds to more than is read, before torch unfolds it."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except DAMAGES:
        raise DataError(
            f"{path} is not a whole archive of torch, as torch.save has written it since 1.6: load and save it again."
        ) from None
    if any("/code/" in member.filename for member in members):
        raise DataError(f"{path} is a program of TorchScript, not weights: save its state_dict() with torch.save.")
    if (size := sum(member.file_size for member in members)) > MAX_ARRAYS:
        raise DataError(
            f"{path} unfolds to {size_words(size)}, and at most {size_words(MAX_ARRAYS)} are read: save the layer that "
            "is to be read alone."
        )


def _refusal(path: Path, error: str) -> DataError:
    """An error in place of torch's, whose words advise a reader that runs what the file says."""
    if found := re.search(r"GLOBAL ([\w.]{1,80})", error):
        return DataError(
            f"{path} holds an object of {found[1]}, and no object but tensors is read: save model.state_dict() alone."
        )
    return DataError(f"{path} is not a whole file of tensors: save model.state_dict() again with torch.save.")


def _tensors(torch: Any, held: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Names of tensors and the tensors, in the order of the file; what else it holds is no weight."""
    if isinstance(held, torch.Tensor):
        yield name, held
        return
    items = held.items() if isinstance(held, Mapping) else enumerate(held) if isinstance(held, list | tuple) else ()
    if depth:
        for key, value in items:
            yield from _tensors(torch, value, f"{name}.{key}" if name else str(key), depth - 1)


def _stored(torch: Any, name: str, tensor: Any) -> StoredArray:
    kind = str(tensor.dtype).removeprefix("torch.")
    plain = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int32, torch.int64)
    amiss = "" if tensor.dtype in plain else ": save floats as float64, float32, float16 or bfloat16"
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta:
        amiss = ", and no plain tensor: save the weights as dense tensors of floats"

    def read() -> Array:
        dense = tensor.detach()
        wide = dense.float() if dense.dtype == torch.bfloat16 else dense
        values: Array = wide.numpy()
        return values

    return StoredArray(name, kind, tuple(tensor.shape), amiss, read)


__all__ = ["read_torch"]
