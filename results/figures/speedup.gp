# Speed-up against workers: medians with intervals, the law that was chosen, and the ideal diagonal.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
set logscale y 2
set format y "%g"
set yrange [bottom : 1.15 * most]
set ylabel "speed-up"
set key top left Left reverse
law = BASE . "-law.tsv"
plot x with lines lc rgb faint lw 1 dt 3 title "ideal", \
     for [i=0:laws-1] law index i using 1:(base / column(2)) with lines \
       lc rgb color(int(word(law_styles, i + 1))) dt dash(int(word(law_styles, i + 1))) lw 1.2, \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * aside(i)):2:3:4 with yerrorbars \
       pt shape(style(i)) ps 0.8 lc rgb color(style(i)) title columnheader(1)
