# The axis of workers: powers of two are equally far apart; where the cores end is marked.
set logscale x 2
set xrange [least / 1.15 : most * 1.15]
eval "set xtics (" . ticks . ")"
set xlabel "workers\n "  # and room above the key
do for [i=1:words(edges)] {
  edge = int(word(edges, i))
  set arrow from edge, graph 0 to edge, graph 1 nohead lc rgb faint lw 0.8 dt 2 back
  set label (10 + i) edge_names[i] at edge, graph 1 offset 0, 0.9 center textcolor rgb faint
}
# Curves of several drivers often lie on each other: their points stand a little to the side, by less than
# one sees on a law's line; boxes share the room up to the next number of workers.
slot(i, room) = 2.0 ** (room * ((i + 0.5) / curves - 0.5))
beside(i) = slot(i, 0.02 * curves < 0.4 * nearest ? 0.02 * curves : 0.4 * nearest)
