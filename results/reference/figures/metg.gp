# Efficiency against task granularity: how long a task takes, all that it costs included. METG(50 %) is where
# a curve crosses the lower line.
call "figures/common.gp" ARG1 ARG2
set logscale x
set format x "%.0s %cs"
set xlabel "task granularity: wall time x workers / tasks\n "
set label 3 "efficiency" @over_axis
set yrange [0 : 110]
set format y "%g %%"
set rmargin at screen 0.94
set for [line in "50 95"] arrow from graph 0, first int(line) to graph 1, first int(line) nohead lc rgb faint lw 1 dt 3 back
plot for [i=0:curves-1] BASE . ".tsv" index i using 1:2:3:4 with yerrorlines \
       pt shape(style(i)) ps 0.5 lw 1 dt dash(style(i)) lc rgb color(style(i)), \
     for [i=0:curves-1] BASE . "-marks.tsv" index i using 1:2 with points pt 6 ps 1.4 lw 1.5 lc rgb color(style(i)), \
     for [i=0:curves-1] keyentry with linespoints pt shape(style(i)) ps 0.7 lc rgb color(style(i)) \
       dt dash(style(i)) title names[i + 1]
