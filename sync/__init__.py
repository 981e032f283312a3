"""The job itself: pull what changed, classify every account, plan the differences, apply them, report.

Arithmetic keeps to one thread. What the churn model works on is small, four parameters or some thousand
histories; spread over threads it takes ten times the processor time and twice as long, since the threads
mostly wait for one another. The library behind NumPy and SciPy reads how many it may start when it is
loaded, so it has to be told before anything else of this package is; who has told it already is obeyed.
"""

import os

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""What the linear algebra library is told."""

for _name, _value in ONE_THREAD.items():
    os.environ.setdefault(_name, _value)
