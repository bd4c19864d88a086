# Parallel efficiency against workers, with its intervals, and the line from which on it is worth it.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
set yrange [0 : top]
set format y "%.0f %%"
set label 3 "efficiency" @over_axis
set arrow from graph 0, first target to graph 1, first target nohead lc rgb faint lw 1 dt 3 back
set label 5 sprintf("%.0f %%", target) at graph 1, first target offset 0.4, 0 left textcolor rgb faint
set rmargin at screen 0.94
law = BASE . "-law.tsv"
plot for [i=0:laws-1] law index i using 1:6 with lines \
       lc rgb color(law_style(i)) dt dash(law_style(i)) lw 1.2, \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):(drawn(i, law_styles) ? NaN : column(2)) \
       with lines lc rgb color(style(i)) lw 0.5, \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):3:(0):(column(4) - column(3)) with vectors nohead \
       lw 1.2 lc rgb color(style(i)), \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):2 with points \
       pt shape(style(i)) ps 0.8 lc rgb color(style(i)), \
     for [i=0:curves-1] keyentry with linespoints pt shape(style(i)) ps 0.8 lc rgb color(style(i)) \
       dt dash(style(i)) lw (drawn(i, law_styles) ? 1.2 : 0) title names[i + 1]
