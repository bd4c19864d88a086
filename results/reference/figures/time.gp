# Time against workers: every run a faint dot, medians with their 95 % intervals, the law that was chosen
# with its band, and what an ideal would do.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
set logscale y
eval "set ytics (" . time_ticks . ")"
set yrange [bottom : top]
set label 3 "time" @over_axis
ideal(p) = weak ? base : base / p
law = BASE . "-law.tsv"
points = BASE . ".tsv"
plot for [i=0:laws-1] law index i using 1:3:4 with filledcurves \
       lc rgb color(law_style(i)) fs transparent solid 0.15 noborder, \
     for [i=0:laws-1] law index i using 1:2 with lines \
       lc rgb color(law_style(i)) dt dash(law_style(i)) lw 1.2, \
     base > 0 ? ideal(x) : NaN with lines lc rgb faint lw 1 dt 3 title "ideal", \
     "+" every ::0::0 using (1):(sequential > 0 ? sequential : NaN) with points \
       pt 5 ps 1.1 lc rgb color(100) title (sequential > 0 ? "sequential" : ""), \
     for [i=0:curves-1] BASE . "-runs.tsv" index i using (column(1) * beside(i)):2 with points \
       pt 7 ps 0.3 lc rgb lighter(color(style(i)), 0.4), \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):(drawn(i, law_styles) ? NaN : column(2)) \
       with lines lc rgb color(style(i)) lw 0.5, \
     for [i=0:curves-1] points index i using (column(1) * beside(i)):3:(0):(column(4) - column(3)) with vectors nohead \
       lw 1.2 lc rgb color(style(i)), \
     for [i=0:curves-1] points index i using (column(1) * beside(i)):2 with points \
       pt shape(style(i)) ps 0.8 lc rgb color(style(i)), \
     for [i=0:curves-1] keyentry with linespoints pt shape(style(i)) ps 0.8 lc rgb color(style(i)) \
       dt dash(style(i)) lw (drawn(i, law_styles) ? 1.2 : 0) title names[i + 1]
