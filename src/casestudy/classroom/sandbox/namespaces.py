"""What is taken from a process before it runs a student's cells. Linux only; it knows no right answer.

Inside bubblewrap's wall each submission gets walls of its own, so that nothing passes from one to the next: new user,
mount, process, network and IPC namespaces, an empty /tmp and /dev/shm, no /proc, no capability, no new privilege, no
open file but the pipe for its report, limits, and a filter that refuses the system calls no exercise needs.
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
from collections.abc import Callable
from typing import Any, NoReturn

NAMESPACES = 0x20000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000  # mount, IPC, user, process, network
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 4, 22, 24, 38, 47
MEGABYTE = 1 << 20
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
    **{"init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104)},
    **{"swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "acct": (163, 89)},
}
MACHINES = {"x86_64": (0, 0xC000003E, 56, 41), "aarch64": (1, 0xC00000B7, 220, 198)}  # column, arch, clone, socket
CLONE3, EPERM, ENOSYS = 435, 1, 38
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
        _mount("tmpfs", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k")
        os.chdir("/tmp")
    cpu = int(1.25 * limits["cpu_s"]) + 2  # the one outside sees it first and says so
    most = {"CPU": cpu, "FSIZE": limits["file_mb"] * MEGABYTE, "NOFILE": 128, "CORE": 0}
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
    column, arch, clone, socket = MACHINES[machine]
    load, equal, any_bit, at_least, back = 0x20, 0x15, 0x45, 0x35, 0x06
    refuse, missing, allow, kill = 0x50000 | EPERM, 0x50000 | ENOSYS, 0x7FFF0000, 0x80000000
    program = [(load, 0, 0, 4), (equal, 1, 0, arch), (back, 0, 0, kill), (load, 0, 0, 0)]
    program += [(at_least, 0, 1, 0x40000000), (back, 0, 0, refuse)]  # a second set of numbers that x86_64 knows
    for number in (numbers[column] for numbers in REFUSED.values()):
        program += [(equal, 0, 1, number), (back, 0, 0, refuse)]
    program += [(equal, 0, 1, CLONE3), (back, 0, 0, missing)]  # its flags cannot be read here: libraries use clone
    program += [(equal, 0, 4, clone), (load, 0, 0, 16), (any_bit, 0, 1, NAMESPACES | 0x6000000)]
    program += [(back, 0, 0, refuse), (back, 0, 0, allow)]
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
    with open(f"/proc/{process}/statm", "rb") as file:
        virtual, resident, shared = map(int, file.read().split()[:3])
    return virtual * resource.getpagesize(), (resident - shared) * resource.getpagesize()


def usage(ours: set[str], base: int) -> tuple[float, int, int]:
    """CPU seconds, bytes beyond `base` each, and threads of all processes in sight but ours: one submission's."""
    cpu = memory = threads = 0
    for number in running() - ours:
        try:
            with open(f"/proc/{number}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            own = _size(number)[1]  # a fork has all of ours at first, but for the pages of files
        except (OSError, ValueError):  # it has ended
            continue
        cpu += sum(int(ticks) for ticks in fields[11:15])
        threads += int(fields[17])
        memory += max(0, own - base)
    return cpu / os.sysconf("SC_CLK_TCK"), memory, threads


def _end_group(first: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(first, signal.SIGKILL)
