"""Labelled datasets ↔ the bytes of NetCDF 4 files."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


def netcdf(data: xr.Dataset) -> bytes:
    """A dataset as the bytes of a NetCDF 4 file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.nc"
        data.to_netcdf(path, engine="h5netcdf")
        return path.read_bytes()


def read_netcdf(content: bytes) -> xr.Dataset:
    """A dataset from the bytes of a NetCDF 4 file, all of it in memory."""
    import xarray as xr

    return xr.load_dataset(io.BytesIO(content), engine="h5netcdf")


__all__ = ["netcdf", "read_netcdf"]
