import os
import signal
import subprocess
import sys
import time

from v2v_studio.errors import RenderError
from v2v_studio.executors.local import Local


def half(job):
    if job % 2:
        raise RenderError(f"{job} is odd")
    return job // 2


def die(job):
    if job == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def results(executor, function, jobs):
    return sorted((o.job, o.result, str(o.error) if o.error else "") for o in executor.run(function, jobs))


def test_one_bad_job_stops_no_other_in_process():
    assert results(Local(1), half, [2, 3, 4]) == [(2, 1, ""), (3, None, "3 is odd"), (4, 2, "")]


def test_processes_give_what_one_process_gives():
    assert results(Local(2), half, [2, 3, 4]) == results(Local(1), half, [2, 3, 4])


def test_a_killed_worker_is_an_outcome_not_a_crash():
    assert "worker process died" in {o.job: o for o in Local(2).run(die, [1, 2])}[1].error.args[0]


ORPHAN = """
import sys, time
from v2v_studio.executors.local import Local
def wait(job):
    print(__import__("os").getpid(), flush=True)
    time.sleep(60)
if __name__ == "__main__":
    list(Local(2).run(wait, [1, 2]))
"""


def test_workers_end_when_their_parent_is_killed(tmp_path):
    (tmp_path / "orphan.py").write_text(ORPHAN)
    parent = subprocess.Popen([sys.executable, tmp_path / "orphan.py"], stdout=subprocess.PIPE, text=True)
    workers = [int(parent.stdout.readline()) for _ in range(2)]
    parent.kill()
    parent.stdout.read()  # returns when the last holder of the pipe has ended
    deadline = time.monotonic() + 5
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        pass
    assert not any(alive(pid) for pid in workers)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_worker_that_dies_takes_no_other_job_along():
    ended = {o.job: o for o in Local(2).run(die, [2, 1, 3, 4, 5])}
    assert {job: o.result for job, o in ended.items() if o.error is None} == {2: 2, 3: 3, 4: 4, 5: 5}
    assert isinstance(ended[1].error, RenderError)


def complain(job):
    raise Odd("odd", job)


class Odd(Exception):
    """Cannot be made again from what it says of itself."""

    def __init__(self, what, job):
        super().__init__(f"{what} {job}")


def test_an_error_of_a_worker_says_what_and_where_whatever_its_class():
    for outcome in Local(2).run(complain, [1, 2]):
        assert str(outcome.error) == f"Odd: odd {outcome.job}"
        assert "in complain" in outcome.error.__notes__[0]
