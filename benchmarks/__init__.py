"""Measurements: quality, speed and memory, each as figures beside a named baseline of the same run.

    python -m benchmarks.propagation ../shared      quality and cost on filters and synthetic scenes with exact truth
    python -m benchmarks.real_keys ../shared        quality and cost on real stylised first frames
    python -m benchmarks.speed ../shared            seconds a frame at 854x480
    python -m benchmarks.memory                     peak memory against the length of the footage
    python -m benchmarks.several ../shared          one first frame against two, where the truth is known
    python -m benchmarks.forward MODEL              one step of a video model's network at the released widths
    python -m benchmarks.parity FOLDER              networks and samplers against the released code's own results
    python -m benchmarks.report                     the tables of docs/benchmarks, from the results

Results are JSON in benchmarks/results/, with commit, versions and machine class.
"""
