# Who ran what when: a bar for each chunk; neighbours alternate between two shades.
call "figures/common.gp" ARG1 ARG2
unset grid
set xlabel sprintf("time [%s]", unit)
set label 3 "worker" @over_axis
set xrange [0 : most]
set yrange [workers - 0.4 : -0.6]
set ytics tick_step
plot BASE . ".tsv" using 2:1:2:3:(column(1) - 0.4):(column(1) + 0.4):4 with boxxyerror \
       fs solid 1 noborder lc rgb variable
