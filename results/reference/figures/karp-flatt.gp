# Karp-Flatt: the serial fraction that each number of workers shows by itself, and the laws': of Amdahl
# alpha, of the USL alpha + beta p. Level is a serial part, rising is what workers cost each other.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
set format y "%g %%"
set label 3 "serial part" @over_axis
set yrange [bottom : top]
plot for [i=0:laws-1] BASE . "-law.tsv" index i using 1:7 with lines lc rgb color(law_style(i)) dt dash(law_style(i)) lw 1.2, \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * beside(i)):2 with points \
       pt shape(style(i)) ps 0.8 lw 1.2 lc rgb color(style(i)), \
     for [i=0:curves-1] keyentry with linespoints pt shape(style(i)) ps 0.8 lc rgb color(style(i)) \
       dt dash(style(i)) lw (drawn(i, law_styles) ? 1.2 : 0) title names[i + 1]
