"""Records of runs that never were, and what follows from them, without any code of the kit.

python3 golden.py writes records.jsonl, scaling.csv and laws.csv here: exact fractions for the laws, binomial
coefficients for the intervals, Python's own median and quartiles. The test results.golden compares.
"""
import json
import math
from fractions import Fraction
from statistics import median, quantiles

ROUNDS = 7
DRIVERS = {"sequential": [1], "mpi": [1, 2, 4, 8, 16], "openmp": [1, 2, 4, 8, 16]}
SERIAL = {"sequential": 0.0, "mpi": 0.04, "openmp": 0.015}
TARGET = 0.75


def noise(*key):
    """Something between -1 and 1 that looks random."""
    state = 12345
    for part in key:
        state = (state * 1103515245 + part * 12345 + 6789) % 2**31
    return state / 2**30 - 1


def time_of(driver, p, round_, repetition):
    alpha = SERIAL[driver]
    beta = 0.0004 if driver == "mpi" else 0.0
    ideal = (1 - alpha) / p + alpha + beta * (p - 1)
    return ideal * (1 + 0.01 * noise(len(driver), p, round_) + 0.002 * noise(len(driver), p, round_, repetition))


def accounts(p, seconds):
    """The last worker computes a little less than the others."""
    compute = [0.9 * seconds] * (p - 1) + [0.8 * seconds]
    dispatch = [0.01 * seconds] * p
    idle = [seconds - c - d for c, d in zip(compute, dispatch)]
    zero = [0.0] * p
    return {"compute_seconds": compute, "dispatch_seconds": dispatch, "communication_seconds": zero,
            "idle_seconds": idle, "unaccounted_seconds": zero, "tasks": [160 // p] * p, "parts": [1] * p,
            "timed_parts": [1] * p}


def write_records():
    with open("records.jsonl", "w") as out:
        for round_ in range(ROUNDS):
            for driver, counts in DRIVERS.items():
                for p in counts:
                    run = f"{driver}-{p}-{round_}"
                    out.write(json.dumps({
                        "kind": "run", "schema": 1, "run": run, "started": f"2026-11-22T20:{round_:02}:{p:02}Z",
                        "driver": driver, "kernel": "spin", "waits": False, "workers": p, "tasks": 160,
                        "scaling": "strong", "schedule": "static", "chunk": 0, "bind": "none",
                        "options": {"seed": "1", "task-units": "1000"}, "repetitions": "3", "warmup": 0,
                        "accounting": True, "trace": False, "init_seconds": 0, "load_seconds": 0,
                        "distribution_seconds": 0, "start_seconds": 0,
                        "machines": [{"host": "node1", "cpu": "Abacus", "cpus": 16, "cores": 16}],
                        "build": {"version": "0", "compiler": "c", "flags": "", "type": "Release",
                                  "kernels_code": "0", "libraries": {}},
                        "command": [driver], "warnings": []}) + "\n")
                    for repetition in range(3):
                        seconds = time_of(driver, p, round_, repetition)
                        out.write(json.dumps({
                            "kind": "repetition", "run": run, "repetition": repetition + 1, "warmup": False,
                            "seconds": seconds, "digest": "cbf29ce484222325", "at_seconds": 10 * repetition,
                            "accounts": accounts(p, seconds), "retries": 0, "resumed_tasks": 0,
                            "counters": {}}) + "\n")
                    out.write(json.dumps({"kind": "end", "run": run, "status": "done", "exit": 0, "reason": "",
                                          "ended": f"2026-11-22T20:{round_:02}:{p:02}Z", "warnings": []}) + "\n")


def run_times(driver, p):
    return [median(time_of(driver, p, round_, r) for r in range(3)) for round_ in range(ROUNDS)]


def interval(samples):
    """Ends of the 95 % interval of the median, by order statistics."""
    n = len(samples)
    k = 0
    while sum(math.comb(n, i) for i in range(k + 1)) / 2**n <= 0.025:
        k += 1
    ordered = sorted(samples)
    return ordered[k - 1], ordered[n - k]


def solve(matrix, right):
    """Gauss-Jordan with fractions."""
    n = len(right)
    rows = [list(map(Fraction, row)) + [Fraction(value)] for row, value in zip(matrix, right)]
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(n):
            if r != i:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i])]
    return [row[n] for row in rows]


LAWS = {"ideal": 1, "Amdahl": 2, "log p": 3, "sqrt p": 3, "USL": 3}  # and their terms


def growth(name, p):
    return {"log p": math.log2, "sqrt p": lambda p: math.sqrt(p) - 1}.get(name, lambda p: p - 1)(p)


def fit(driver, name):
    """Least squares of (law - T) / T over the medians."""
    design, times = [], []
    terms = LAWS[name]
    for p in DRIVERS[driver]:
        time = Fraction(median(run_times(driver, p)))
        design.append([Fraction(1, p) / time, Fraction(p - 1, p) / time, Fraction(growth(name, p)) / time][:terms])
        times.append(time)
    gram = [[sum(row[i] * row[j] for row in design) for j in range(terms)] for i in range(terms)]
    right = [sum(row[i] for row in design) for i in range(terms)]
    return (solve(gram, right) + [Fraction(0)] * 3)[:3]


def law(name, c, p):
    return c[0] / p + c[1] * (p - 1) / p + c[2] * Fraction(growth(name, p))


def peak_of(name, alpha, beta):
    """Where the slope of the law's time is 0, by bisection."""
    if not beta > 0:
        return None
    slope = {"log p": lambda p: 1 / (p * math.log(2)), "sqrt p": lambda p: 0.5 / math.sqrt(p)}.get(name, lambda p: 1)
    low, high = 1.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        falls = beta * slope(middle) < (1 - alpha) / middle**2
        low, high = (middle, high) if falls else (low, middle)
    return low


def text(value):
    return "" if value is None else value if isinstance(value, str) else f"{float(value):.6g}"


def main():
    write_records()
    base = run_times("sequential", 1)
    chosen = {"mpi": ("USL", ["log p", "sqrt p"]), "openmp": ("Amdahl", [])}  # and what cannot be told from it
    with open("scaling.csv", "w") as out:
        out.write("curve,workers,n,median,low,high,first_quartile,third_quartile,base_seconds,speedup,speedup_low,"
                  "speedup_high,efficiency,karp_flatt,load_balance,communication_efficiency,"
                  "computation_scalability,tasks_per_second,core_seconds\n")
        for driver, counts in DRIVERS.items():
            c = fit(driver, chosen[driver][0]) if driver in chosen else None
            for p in counts:
                times = run_times(driver, p)
                low, high = interval(times)
                quartile = quantiles(times, n=4, method="inclusive")
                t = median(times)
                speedup = median(base) / t
                # of the ratios in each round, and so that it holds the ratio of the medians
                ratio_low, ratio_high = interval([b / x for b, x in zip(base, times)])
                ratio_low, ratio_high = min(ratio_low, speedup), max(ratio_high, speedup)
                compute = (0.9 * (p - 1) + 0.8) / p  # of the wall time, mean over workers
                longest = 0.9 if p > 1 else 0.8
                own = float(c[0]) / t if c else None
                out.write(",".join(text(x) for x in [
                    driver, p, ROUNDS, t, low, high, quartile[0], quartile[2], median(base), speedup,
                    1 if driver == "sequential" else ratio_low,  # it is the base
                    1 if driver == "sequential" else ratio_high, speedup / p, (1 / own - 1 / p) / (1 - 1 / p) if own and p > 1 else None,
                    compute / longest, longest, 0.8 * median(base) / (p * compute * t), 160 / t, p * t]) + "\n")
    with open("laws.csv", "w") as out:
        out.write("curve,law,chosen,c0,alpha,beta,worst_residual,one_worker_overhead,peak_workers,workers_at_target\n")
        for driver in chosen:
            for name in LAWS:
                c = fit(driver, name)
                residuals = [Fraction(median(run_times(driver, p))) / law(name, c, p) - 1 for p in DRIVERS[driver]]
                alpha, beta = float(c[1] / c[0]), float(c[2] / c[0])
                peak = peak_of(name, alpha, beta)
                # base / (p T(p)) = target, by bisection
                at = None
                efficiency = lambda p: median(base) / float(p * sum(
                    a * b for a, b in zip(c, (1 / p, (p - 1) / p, growth(name, p)))))
                if alpha > 0 or beta > 0:
                    low, high = 1.0, 1e9
                    for _ in range(200):
                        middle = (low + high) / 2
                        low, high = (middle, high) if efficiency(middle) > TARGET else (low, middle)
                    at = low
                out.write(",".join(text(x) for x in [
                    driver, name, "yes" if name == chosen[driver][0] else "rival" if name in chosen[driver][1] else "no", c[0], alpha, beta,
                    max(residuals, key=abs), c[0] / Fraction(median(base)), peak, at]) + "\n")


main()
