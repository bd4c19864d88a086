# Speed-up against workers: medians with intervals, the law that was chosen, and the ideal diagonal.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
set logscale y 2
set format y "%g"
set yrange [bottom : 1.15 * (highest > most / base_workers ? highest : most / base_workers)]
set label 3 "speed-up" @over_axis
law = BASE . "-law.tsv"
plot x / base_workers with lines lc rgb faint lw 1 dt 3 title "ideal", \
     for [i=0:laws-1] law index i using 1:5 with lines \
       lc rgb color(law_style(i)) dt dash(law_style(i)) lw 1.2, \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):(drawn(i, law_styles) ? NaN : column(2)) \
       with lines lc rgb color(style(i)) lw 0.5, \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):3:(0):(column(4) - column(3)) with vectors nohead \
       lw 1.2 lc rgb color(style(i)), \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):2 with points \
       pt shape(style(i)) ps 0.8 lc rgb color(style(i)), \
     for [i=0:curves-1] keyentry with linespoints pt shape(style(i)) ps 0.8 lc rgb color(style(i)) \
       dt dash(style(i)) lw (drawn(i, law_styles) ? 1.2 : 0) title names[i + 1]
