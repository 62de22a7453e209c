"""Speed, memory and start of the released runtime beside others on one machine: `python -m evaluation.benchmark`.

Every system runs in a process of its own, on the same articles of several lengths, with as many threads as are asked
for. GLiNER's architectures run at their published sizes with random weights, which cost the same; only their encoder
runs, without their span and label heads, so that the figure flatters them. The rates of matrix products say what the
machine could do at most.
"""
