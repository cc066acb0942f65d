#!/usr/bin/env python3
"""Two or more programs under the lifecycle's load, turn by turn on a machine whose own speed changes.

    python3 bench/beside.py SECONDS ROUNDS PROGRAM:FOLDER PROGRAM:FOLDER ...

Each program gets a folder of its own (copies of one), its own `bench` and its own server. All are stopped (SIGSTOP) but
one, which runs for SECONDS; what it wrote is read from the head of its journal. After ROUNDS of this the median of the
ratios to the first program says which is faster, however fast the machine was meanwhile. The folders grow; keep no data there.
"""

import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time

# Entries that one lifecycle writes, and how long a program runs before it is counted.
ENTRIES, WARM = 4, 0.4


def entries(folder):
    """The last entry that is durable."""
    file = sqlite3.connect(f"file:{folder}/xiangyue.db?mode=ro", uri=True, timeout=30)
    try:
        return file.execute("select max(seq) from realm_head").fetchone()[0]
    finally:
        file.close()


def loads(bench):
    """Whether a bench has opened its connections."""
    try:
        names = [os.readlink(f"/proc/{bench.pid}/fd/{n}") for n in os.listdir(f"/proc/{bench.pid}/fd")]
    except OSError:
        return False
    return sum("socket" in n for n in names) >= 30


def main():
    seconds, rounds = float(sys.argv[1]), int(sys.argv[2])
    pairs = [tuple(pair.rsplit(":", 1)) for pair in sys.argv[3:]]
    long = str(int(seconds * rounds * len(pairs) + 120))
    benches = [
        subprocess.Popen(
            [program, "bench", "--data", folder, "--seconds", long],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for program, folder in pairs
    ]

    def turn(bench, what):
        try:
            os.killpg(bench.pid, what)
        except ProcessLookupError:
            sys.exit("a program has ended")

    try:
        begun = time.time()
        while not all(map(loads, benches)):
            if time.time() - begun > 240 or any(b.poll() is not None for b in benches):
                sys.exit("a program did not come to its load")
            time.sleep(0.3)
        time.sleep(2)
        for bench in benches:
            turn(bench, signal.SIGSTOP)
        found = [[] for _ in pairs]
        for n in range(rounds):
            order = list(range(len(pairs)))
            for i in order if n % 2 == 0 else reversed(order):
                turn(benches[i], signal.SIGCONT)
                time.sleep(WARM)
                first, at = entries(pairs[i][1]), time.time()
                time.sleep(seconds)
                found[i].append((entries(pairs[i][1]) - first) / (time.time() - at) / ENTRIES)
                turn(benches[i], signal.SIGSTOP)
    finally:
        for bench in benches:
            if bench.poll() is None:
                os.killpg(bench.pid, signal.SIGKILL)
    for (program, _), rates in zip(pairs, found):
        ratios = [a / b for a, b in zip(rates, found[0])]
        print(
            f"{program}: {statistics.median(rates):.0f} lifecycles/s, {statistics.median(ratios):.3f} of the first"
            f" (mean {statistics.mean(ratios):.3f}, deviation {statistics.pstdev(ratios):.3f})"
        )


main()
