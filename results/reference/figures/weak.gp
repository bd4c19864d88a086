# Weak scaling: each worker has the same work, so that with perfect scaling the time stays the same and
# the efficiency T(1) / T(p) is 100 %.
call "figures/efficiency.gp" ARG1 ARG2
