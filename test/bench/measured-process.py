"""Runs a command and writes what its whole process tree took, as JSON: measured-process.py RESULT MODE COMMAND...

MODE "time" counts wall and processor time; what the command leaves running, such as kept connections of ssh, is ended and
counted as well. MODE "memory" adds up the proportional set size of all its processes every 30 ms: that takes time, so that
the times of such a run count for nothing.
"""
import ctypes, json, os, resource, signal, sys, time

SUBREAPER = 36


def descendants(pid):
    found = []
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children") as file:
                    waiting += [int(child) for child in file.read().split()]
        except OSError:
            pass
        found.append(one)
    return found[1:]


def proportional_size(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except OSError:
        return 0


def end_the_rest(patience):
    """Politely, then not: whatever still runs is no part of the work."""
    until = time.monotonic() + patience
    for pid in descendants(os.getpid()):
        os.kill(pid, signal.SIGTERM)
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            if time.monotonic() > until:
                for one in descendants(os.getpid()):
                    os.kill(one, signal.SIGKILL)
            time.sleep(0.005)


def main(result, mode, command):
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    most = 0
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    if mode == "memory":
        while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            most = max(most, sum(map(proportional_size, descendants(os.getpid()))))
            time.sleep(0.03)
    _, status = os.waitpid(pid, 0)
    wall = time.monotonic() - start
    end_the_rest(5)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "largest": usage.ru_maxrss / 1024}
    with open(result, "w") as file:
        memory = max(most, usage.ru_maxrss) / 1024
        json.dump({"code": os.waitstatus_to_exitcode(status), "memory": memory, **figures}, file)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
