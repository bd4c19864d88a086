# Speed-up against workers for a terminal: each curve has a letter.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
unset grid
unset arrow
unset label
set xlabel "workers" offset 0, 0
set margins -1, -1, -1, 2
set logscale y 2
set format y "%g"
set yrange [bottom : 1.15 * most]
set key default
set key inside top left Left reverse noautotitle noenhanced
set label 3 "speed-up" at screen 0, screen 1 offset 1, -0.5
letter(i) = "SopmABCDEFGHIJKLNQRTUVWXYZ"[i:i]
mark(i) = style(i) % 100 == 0 && style(i) <= 400 ? letter(style(i) / 100) : letter(5 + i)
plot x with points pt "." title "ideal", \
     for [i=0:curves-1] BASE . ".tsv" index i using 1:2 with points pt mark(i) title columnheader(1)
