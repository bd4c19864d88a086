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
     for [i=0:laws-1] law index i using 1:5 with lines \
       lc rgb color(law_style(i)) dt dash(law_style(i)) lw 1.2, \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):2:3:4 with yerrorbars \
       pt shape(style(i)) ps 0.8 lw 1.2 lc rgb color(style(i)), \
     for [i=0:curves-1] keyentry with linespoints pt shape(style(i)) ps 0.8 lc rgb color(style(i)) \
       dt dash(style(i)) lw (drawn(i, law_styles) ? 1.2 : 0) title names[i + 1]
