# Where the time goes: for each number of workers a bar of 100 % of its wall time, mean over the workers.
call "figures/common.gp" ARG1 ARG2
set datafile columnheaders
unset lmargin
unset rmargin
unset tmargin
set style data histograms
set style histogram rowstacked
set style fill solid 1 noborder
set boxwidth 0.85
set yrange [0:100]
set format y "%g %%"
set ytics 50
set xtics scale 0
unset key
parts = "compute dispatch communication idle unaccounted"
part_color(k) = word("#0072B2 #F0E442 #CC79A7 #C8C8C8 #D55E00", k)
set multiplot layout rows,2 rowsfirst margins screen 0.09, 0.97, 45.0 / height, 1 - (head + 25.0) / height \
  spacing screen 0.1, 80.0 / height
# A name of its own: gnuplot 6 forgets the value of one that an earlier plot counted with.
do for [panel=0:curves-1] {
  set title names[panel + 1] noenhanced textcolor rgb ink offset 0, -0.6
  set xlabel "workers" offset 0, 0.6
  plot for [k=1:5] BASE . ".tsv" index panel using (column(k + 1)):xtic(1) lc rgb part_color(k)
  unset label
}
# The key, where the next panel would be.
unset title
unset xlabel
unset border
unset tics
unset datafile columnheaders
set key inside center center vertical
set xrange [0:1]
set style data boxes
plot for [k=5:1:-1] NaN with boxes lc rgb part_color(k) title word(parts, k)
unset multiplot
