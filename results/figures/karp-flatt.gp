# Karp-Flatt: the serial fraction that each number of workers shows by itself. On a law it is
# alpha + beta p: level is a serial part, rising is what workers cost each other.
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
set format y "%g %%"
set ylabel "experimental serial fraction"
set yrange [bottom : top]
set key top left Left reverse
plot for [i=0:laws-1] 100 * (real(word(alphas, i + 1)) + real(word(betas, i + 1)) * x) with lines \
       lc rgb color(int(word(law_styles, i + 1))) dt dash(int(word(law_styles, i + 1))) lw 1.2, \
     for [i=0:curves-1] BASE . ".tsv" index i using (column(1) * aside(i)):2 with points \
       pt shape(style(i)) ps 0.8 lc rgb color(style(i)) title columnheader(1)
