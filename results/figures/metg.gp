# Efficiency against task granularity: how long a task takes, all that it costs included. METG(50 %) is where
# a curve crosses the lower line.
call "figures/common.gp" ARG1 ARG2
set logscale x
set format x "%.0s %cs"
set xlabel "task granularity: wall time x workers / tasks"
set ylabel "efficiency"
set yrange [0 : 110]
set format y "%g %%"
set key bottom right Right noreverse
set for [line in "50 95"] arrow from graph 0, first int(line) to graph 1, first int(line) nohead lc rgb faint lw 1 dt 3 back
plot for [i=0:curves-1] BASE . ".tsv" index i using 1:2 with linespoints \
       pt shape(style(i)) ps 0.7 lw 1.2 dt dash(style(i)) lc rgb color(style(i)) title columnheader(1)
