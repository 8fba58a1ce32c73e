"""After a kill: takes back what was never synced, as a power cut would.

faultio.c noted what each write replaced. Of a file, every sector that differs from what the last sync saw is new, old, or
(where the file had no such place yet) garbage; sometimes all of it is old, sometimes the file ends where it ended then."""
import collections
import os

SECTOR = 512


class Changed:
    def __init__(self, path):
        self.path, self.size, self.undo = path, None, []


def read_log(path):
    """Files with their writes since their last sync, by inode and name: an inode that was freed is soon another file's."""
    files = collections.OrderedDict()
    with open(path, "rb") as log:
        while line := log.readline():
            what, inode, first, length, replaced, name = line.rstrip(b"\n").split(b" ", 5)
            where = os.fsdecode(name)
            file = files.setdefault((int(inode), where), Changed(where))
            old = log.read(int(replaced))
            if what == b"S":
                file.size, file.undo = int(first), []
                continue
            if file.size is None:  # as it was before the first write that is known
                file.size = int(first) + len(old) if len(old) < int(length) else 1 << 62
            file.undo.append((int(first), int(length), old))
    return files


def cut(path, rng):
    """Returns how many sectors were taken back in how many files."""
    sectors = files = 0
    for (inode, _), file in read_log(path).items():
        if file.undo and os.path.exists(file.path) and os.stat(file.path).st_ino == inode:
            taken = cut_file(file, rng)
            sectors, files = sectors + taken, files + (taken > 0)
    return sectors, files


def cut_file(file, rng):
    with open(file.path, "r+b") as stream:
        now = stream.read()
        then = bytearray(now)
        for offset, length, old in reversed(file.undo):
            end = offset + len(old)
            if len(then) < end:
                then.extend(bytes(end - len(then)))
            then[offset:end] = old
            then[end:offset + length] = bytes(max(0, min(len(then), offset + length) - end))
        share = rng.choice((0.0, 0.1, 0.5, 0.9, 1.0, 1.0))
        new, taken = bytearray(now), 0
        for at in range(0, len(now), SECTOR):
            until = min(at + SECTOR, len(now))
            if now[at:until] == then[at:until] or rng.random() >= share:
                continue
            taken += 1
            beyond = at >= file.size
            new[at:until] = rng.randbytes(until - at) if beyond and rng.random() < 0.5 else then[at:until]
        if len(new) > file.size and rng.random() < 0.3:
            taken += (len(new) - file.size + SECTOR - 1) // SECTOR
            del new[file.size:]
        stream.seek(0)
        stream.write(new)
        stream.truncate(len(new))
    return taken
