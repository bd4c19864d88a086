# Speed-up against workers for a terminal: each curve has a letter, in the order of `names` that of `letters`.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
unset grid
unset arrow
unset label
set xlabel "workers" offset 0, 0
set margins -1, -1, -1, 2
set logscale y 2
set format y "%g"
set yrange [bottom : 1.15 * (highest > most / base_workers ? highest : most / base_workers)]
unset key
set label 3 "speed-up" at screen 0, screen 1 offset 1, -0.5
plot x / base_workers with points pt ".", \
     for [i=0:curves-1] BASE . ".tsv" index i using 1:2 with points pt letters[i + 1:i + 1]
