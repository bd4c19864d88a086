# Speed-up against workers for a terminal: each curve has a letter.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
unset grid
unset arrow
unset label
set logscale y 2
set format y "%g"
unset label
set margins
set ylabel "speed-up" offset 2
set key top left Left reverse
letter(i) = "SopmABCDEFGHIJKLNQRTUVWXYZ"[i:i]
mark(i) = style(i) % 100 == 0 && style(i) <= 400 ? letter(style(i) / 100) : letter(5 + i)
plot x with points pt "." title "ideal", \
     for [i=0:curves-1] BASE . ".tsv" index i using 1:2 with points pt mark(i) title columnheader(1)
