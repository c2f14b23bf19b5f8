"""What is taken from a process before it runs a student's cells. Linux only; it knows no right answer.

Inside bubblewrap's wall each submission gets walls of its own, so that nothing passes from one to the next: new user,
mount, process, network and IPC namespaces, an empty /tmp and /dev/shm, no /proc, no capability, no new privilege, no
open file but the pipe for its report, limits, and a filter that refuses the system calls no exercise needs.
"""

import contextlib
import ctypes
import math
import os
import platform
import re
import resource
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

NAMESPACES = 0x20000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000  # mount, IPC, user, process, network
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 4, 22, 24, 38, 47
SOL_SOCKET, SO_SNDBUF = 1, 7
MAP_SHARED, MAP_ANONYMOUS, MAP_HUGETLB = 1, 0x20, 0x40000
MEGABYTE = 1 << 20
NOFILE = 128  # open files of a process
BUFFER = 1 << 18  # bytes that a socket may hold in the kernel, as systems come
KILOBYTES = re.compile(rb"^(\w+):\s+(\d+) kB$", re.M)
REPORT, JOB = 3, 4  # descriptors of a submission: where it reports, and what it is to run
_libc = ctypes.CDLL(None, use_errno=True)

# System calls refused with EPERM: (x86_64, aarch64). They reach into other processes, make namespaces or mounts,
# load into the kernel, or hold memory that no limit of a process counts.
REFUSED = {
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271)},
    **{"pidfd_getfd": (438, 438), "kcmp": (312, 272), "unshare": (272, 97), "setns": (308, 268)},
    **{"mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51)},
    **{"open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431)},
    **{"fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "open_by_handle_at": (304, 265)},
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280)},
    **{"perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425)},
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "syslog": (103, 116)},
    **{"msgget": (68, 186), "semget": (64, 190)},
    **{"init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104)},
    **{"swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "acct": (163, 89)},
}
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, arch
# Refused by what they are given, see `steps`.
LOOKED_INTO = {
    **{"clone": (56, 220), "socket": (41, 198), "setsockopt": (54, 208), "mmap": (9, 222)},
    **{"rt_sigaction": (13, 134), "prctl": (157, 167)},
}
CLONE3, EPERM, ENOMEM, ENOSYS = 435, 1, 12, 38
FAMILIES = (1, 2, 10)  # sockets within a machine and of the internet, which is not there; no other kind


def hide() -> None:
    """No process of our own user can look into this one."""
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def keep(
    limits: dict[str, Any], base: int, job: int, report: int, outcome: int, run: Callable[[], None], walled: bool
) -> NoReturn:
    """Fork the process that runs the cells and wait for it; writes its number to `outcome`, then how it ended.

    The keeper stands outside the new process namespace: the cells cannot see it. When the first process in there ends,
    the kernel ends all others.
    """
    reporting = report
    try:
        if walled:
            _separate()
        first = os.fork()
        if first:
            os.close(report)
            os.write(outcome, b"%d\n" % first)
            _, status = os.waitpid(first, 0)
            if not walled:
                _end_group(first)
            os.write(outcome, b"%d\n" % os.waitstatus_to_exitcode(status))
            os._exit(0)
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.nice(5)  # who watches comes first
        _descriptors(job, report)
        reporting = REPORT
        _contain(limits, base, walled)
        run()
        os._exit(0)
    except OSError as error:  # before any cell: this machine does not allow it
        os.write(reporting, b'\n["failed", "%s"]\n' % str(error).encode()[:200])
    finally:
        os._exit(1)


def _separate() -> None:
    user, group = os.getuid(), os.getgid()
    _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # else an ordinary user may not write the maps
    if _libc.unshare(NAMESPACES):
        raise OSError(ctypes.get_errno(), "unshare refused")
    for name, words in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(words)
    hide()


def _descriptors(job: int, report: int) -> None:
    """Nothing inherited but the null device, the job and the pipe for the report."""
    high = max(job, report, JOB) + 1
    os.dup2(job, high)
    os.dup2(report, REPORT)
    os.dup2(high, JOB)
    os.closerange(JOB + 1, 1 << 20)


def _contain(limits: dict[str, Any], base: int, walled: bool) -> None:
    if walled:
        _mount(None, "/", None, MS_REC | MS_PRIVATE)
        size = f"size={limits['disk_mb']}m,nr_inodes=10000"
        _empty_tmp(size)
        _mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, size)
        _mount("/dev/full", "/dev/zero", None, MS_BIND)  # reads the same, but is no memory to share
        _mount("tmpfs", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k")
        os.chdir("/tmp")
    cpu = math.ceil(limits["cpu_s"])
    cpu += cpu // 4 + 2 if walled else 0  # the one outside sees it first and says so
    most = {"CPU": cpu, "FSIZE": limits["file_mb"] * MEGABYTE, "NOFILE": NOFILE, "CORE": 0}
    if platform.system() == "Linux":
        most |= {"AS": base + limits["memory_mb"] * MEGABYTE, "MEMLOCK": 65536}
    if walled:  # without walls it would count everything that the lecturer runs
        most |= {"NPROC": limits["processes"], "MSGQUEUE": 65536, "SIGPENDING": 256}
    for name, number in most.items():
        what = getattr(resource, f"RLIMIT_{name}")
        had = resource.getrlimit(what)[1]
        number = number if had == resource.RLIM_INFINITY else min(number, had)
        resource.setrlimit(what, (number, number))
    if not walled:
        return
    _libc.prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)
    for capability in range(64):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if _libc.capset(header, none) or _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "capabilities could not be dropped")
    _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # who watches may see which of its pages are shared
    _refuse()


def _empty_tmp(size: str) -> None:
    """An empty /tmp of its own; what Python or the package has below it stays in sight, read-only."""
    below = [name for name in os.listdir("/tmp") if os.path.isdir(f"/tmp/{name}")]
    _mount("/tmp", "/dev/shm", None, MS_BIND | MS_REC)  # covered again in a moment
    _mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, size)
    for name in below:
        os.mkdir(f"/tmp/{name}")
        _mount(f"/dev/shm/{name}", f"/tmp/{name}", None, MS_BIND | MS_REC)
        _mount(None, f"/tmp/{name}", None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    given = [None if word is None else word.encode() for word in (source, target, kind, data)]
    if _libc.mount(given[0], given[1], given[2], ctypes.c_ulong(flags), given[3]):
        raise OSError(ctypes.get_errno(), f"mount {target} refused")


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


def steps(machine: str) -> list[tuple[int, int, int, int]]:
    """The filter of system calls, as (code, jump if so, jump if not, constant). Linux' classic BPF.

    Other machines have no filter: namespaces and limits hold there too.

    >>> steps("x86_64")[0], steps("m68k")
    ((32, 0, 0, 4), [])
    """
    if machine not in MACHINES:
        return []
    column, arch = MACHINES[machine]
    clone, socket, option, mmap, sigaction, prctl = (numbers[column] for numbers in LOOKED_INTO.values())
    load, equal, any_bit, at_least, back = 0x20, 0x15, 0x45, 0x35, 0x06
    refuse, missing, full = (0x50000 | error for error in (EPERM, ENOSYS, ENOMEM))
    allow, kill, idle = 0x7FFF0000, 0x80000000, 0x50000  # idle: done, as far as the caller can see
    program = [(load, 0, 0, 4), (equal, 1, 0, arch), (back, 0, 0, kill), (load, 0, 0, 0)]
    program += [(at_least, 0, 1, 0x40000000), (back, 0, 0, refuse)]  # a second set of numbers that x86_64 knows
    for number in (numbers[column] for numbers in REFUSED.values()):
        program += [(equal, 0, 1, number), (back, 0, 0, refuse)]
    program += [(equal, 0, 1, CLONE3), (back, 0, 0, missing)]  # its flags cannot be read here: libraries use clone
    program += [(equal, 0, 4, clone), (load, 0, 0, 16), (any_bit, 0, 1, NAMESPACES | 0x6000000)]
    program += [(back, 0, 0, refuse), (back, 0, 0, allow)]
    # huge pages, and memory shared without a file: its pages stay when no process has them in sight
    program += [(equal, 0, 6, mmap), (load, 0, 0, 40), (any_bit, 2, 0, MAP_HUGETLB), (any_bit, 0, 2, MAP_ANONYMOUS)]
    program += [(any_bit, 0, 1, MAP_SHARED), (back, 0, 0, full), (back, 0, 0, allow)]
    # what is done at a child's end may be asked, not set: children who are never waited for must stay to be counted
    program += [(equal, 0, 8, sigaction), (load, 0, 0, 16), (equal, 0, 5, signal.SIGCHLD), (load, 0, 0, 24)]
    program += [(equal, 0, 2, 0), (load, 0, 0, 28), (equal, 1, 0, 0), (back, 0, 0, refuse), (back, 0, 0, allow)]
    program += [(equal, 0, 4, prctl), (load, 0, 0, 16), (equal, 0, 1, PR_SET_DUMPABLE)]  # or its memory were hidden
    program += [(back, 0, 0, refuse), (back, 0, 0, allow)]
    program += [(equal, 0, 6, option), (load, 0, 0, 24), (equal, 0, 3, SOL_SOCKET), (load, 0, 0, 32)]
    program += [(equal, 0, 1, SO_SNDBUF), (back, 0, 0, idle), (back, 0, 0, allow)]  # the system's own size is enough
    program += [(equal, 0, 5, socket), (load, 0, 0, 16)]
    program += [(equal, 3 - number, 0, family) for number, family in enumerate(FAMILIES)]
    return [*program, (back, 0, 0, refuse), (back, 0, 0, allow)]


def _refuse() -> None:
    program = steps(platform.machine())
    if not program:
        return
    laid_out = (_Step * len(program))(*(_Step(*step) for step in program))
    if _libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(_Program(len(program), laid_out)), 0, 0):
        raise OSError(ctypes.get_errno(), "the filter of system calls was refused")


def running() -> set[str]:
    """The processes in sight, on Linux."""
    return {name for name in os.listdir("/proc") if name.isdigit()} if platform.system() == "Linux" else set()


def size() -> tuple[int, int]:
    """This process's own bytes: virtual, and resident without what files and others share."""
    return _size("self") if platform.system() == "Linux" else (0, 0)


def _size(process: str) -> tuple[int, int]:
    found = _kilobytes(process, "status")
    resident = found.get(b"RssAnon", found.get(b"VmRSS", 0))
    return found.get(b"VmSize", 0) << 10, resident + found.get(b"VmSwap", 0) + found.get(b"VmPTE", 0) << 10


def _kilobytes(process: str, file: str) -> dict[bytes, int]:
    with open(f"/proc/{process}/{file}", "rb") as lines:
        return {name: int(number) for name, number in KILOBYTES.findall(lines.read())}


@dataclass(frozen=True)
class Usage:
    """Of all processes of a submission together: CPU seconds, bytes, and threads."""

    cpu_s: float = 0.0
    memory: int = 0
    threads: int = 0


class Meter:
    """What one submission uses: all processes that come in sight after this one was made.

    CPU: no process's is lost. Nobody can have the kernel throw a child's away (see `steps`), so it stands with the
    child until somebody waits for it, and then with who waited.
    Memory: at first each process's own pages, those of the warm process taken off, and what its sockets could hold: no
    less than is there, but for the warm process's own size. Where that is too much, all are stopped for a moment, and
    a page that several share counts once.
    """

    def __init__(self) -> None:
        self.ours, (self.virtual, self._base) = running(), size()

    def usage(self, most: int) -> Usage:
        """As of now; memory exactly if it might be more than `most` bytes."""
        seen: dict[str, tuple[int, int, int]] = {}
        for _ in range(3):  # who hands on to a child and ends has not got away
            if not (fresh := running() - self.ours - seen.keys()):
                break
            for number in sorted(fresh, key=int):  # a child after its parent: else it may count twice
                with contextlib.suppress(OSError, ValueError):  # it has ended
                    seen[number] = _spent(number)
        sizes = {number: own for number, (own, _, _) in seen.items()}
        memory = sum(max(0, own - self._base) for own in sizes.values())
        more = len(sizes) - 1  # processes which may have none of the warm pages, or all of them changed
        if memory + max(0, more) * (self._base + NOFILE * BUFFER) > most:
            memory = self._exactly(sizes)
        cpu = sum(ticks for _, ticks, _ in seen.values()) / os.sysconf("SC_CLK_TCK")
        return Usage(cpu, memory, sum(threads for _, _, threads in seen.values()))

    def _exactly(self, sizes: dict[str, int]) -> int:
        _signal(sizes, signal.SIGSTOP)
        try:
            warm = _shared_out("self", self._base) - self._base  # by how much others share it
            pages = sum(_shared_out(number, own) for number, own in sizes.items())
            return max(0, pages + warm) + _sockets(sizes) * BUFFER
        finally:
            _signal(sizes, signal.SIGCONT)


def _spent(process: str) -> tuple[int, int, int]:
    """A process's bytes, its ticks of CPU with those of children it waited for, and its threads."""
    with open(f"/proc/{process}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return _size(process)[1], sum(int(ticks) for ticks in fields[11:15]), int(fields[17])


def _shared_out(process: str, own: int) -> int:
    """A process's bytes, a page of several processes by its share in it; `own` where that cannot be seen."""
    try:
        found = _kilobytes(process, "smaps_rollup")
    except OSError:
        return own
    return (found.get(b"Pss_Anon", found.get(b"Pss", 0)) + found.get(b"SwapPss", 0)) << 10


def _sockets(processes: Iterable[str]) -> int:
    """How many sockets there are in the namespace of these processes."""
    for process in processes:
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/net/sockstat", "rb") as file:
            return int(file.readline().split()[2])
    return 0


def _signal(processes: Iterable[str], number: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(int(process), number)


def _end_group(first: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(first, signal.SIGKILL)
