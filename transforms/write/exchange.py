"""Let two folders change places in one step, so that whoever lists one sees its old files or its new ones, never both.

Linux has this as renameat2 with RENAME_EXCHANGE since 3.15, for ext4, xfs, btrfs and tmpfs among others; Python does
not offer it.
"""

import ctypes
import errno
import os
from functools import cache
from pathlib import Path
from typing import Any

from transforms.write.durable import sync_folder

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""From <fcntl.h> and <linux/fs.h>."""

_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})
"""What kernels and file systems without it answer."""


def exchange_folders(one: Path, other: Path) -> bool:
    """Exchange two folders of one file system; False if kernel, library or file system cannot. OSError otherwise."""
    call = _renameat2()
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE):
        code = ctypes.get_errno()
        if code in _CANNOT:
            return False
        raise OSError(code, os.strerror(code), str(one))
    sync_folder(one.parent)
    sync_folder(other.parent)
    return True


@cache
def _renameat2() -> Any:
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return None
    call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    call.restype = ctypes.c_int
    return call
