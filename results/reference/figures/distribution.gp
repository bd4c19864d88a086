# Each run's time beside the median of its configuration: how steady is the machine, and is any
# configuration less steady than the others?
call "figures/common.gp" ARG1 ARG2
load "figures/workers.gp"
set label 3 "time over median" @over_axis
set format y "%+g %%"
set yrange [bottom : top]
set ytics add ("0 %%" 0)
set xrange [least / 2.0 ** (0.55 * nearest) : most * 2.0 ** (0.55 * nearest)]
place(i) = slot(i, 0.85 * nearest)
plot 0 with lines lc rgb faint lw 0.8, \
     for [i=0:curves-1] BASE . ".tsv" index i \
       using (column(1) * place(i)):3:(column(1) * place(i - 0.38)):(column(1) * place(i + 0.38)):3:4 with boxxyerror \
       lc rgb color(style(i)) fs transparent solid 0.15, \
     for [i=0:curves-1] BASE . "-runs.tsv" index i using (column(1) * place(i + column(2))):3 with points \
       pt shape(style(i)) ps 0.45 lc rgb color(style(i)) title columnheader(1)
