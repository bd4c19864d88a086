# Each run's time beside the median of its configuration, in the order in which they were run. A level
# cloud is well; a slope or a step says that the machine changed: for all alike only where they were run in rounds.
call "figures/common.gp" ARG1 ARG2
set xlabel "minutes since the first run\n "
set label 3 "time over median" @over_axis
set format y "%+g %%"
set xrange [0 : most]
set yrange [bottom : top]
set ytics add ("0 %%" 0)
plot 0 with lines lc rgb faint lw 0.8, \
     for [i=0:curves-1] BASE . ".tsv" index i using 1:2 with points \
       pt shape(style(i)) ps 0.5 lc rgb color(style(i)) title columnheader(1)
