# The one look of all figures. Each script takes two words, in the folder of a report:
#   gnuplot -d -c figures/speedup.gp data/spin-speedup spin.svg
# the base of its data's names, and the file to draw, whose ending says how: .svg, .pdf, .png or .txt.
reset
BASE = ARG1
OUT = ARG2
load BASE . ".settings"  # title, height, ticks, cores, curves, styles, ... of this figure
load "data/drivers.settings"  # drivers, driver_colors, driver_points, driver_lined_points: of all figures

ink = "#222222"    # text and axes; the page exchanges it for the colour of its own text
faint = "#808080"  # what only helps the eye: legible on white and on black
ending = OUT[strlen(OUT) - 2:]
if (ending eq "svg") {
  set terminal svg size 640, height font "sans-serif,13"
} else { if (ending eq "pdf") {
  set terminal pdfcairo size 16cm, (0.025 * height) cm font "sans,9"
} else { if (ending eq "png") {
  set terminal pngcairo size 1280, (2 * height) font "sans,20" linewidth 2 pointscale 2 background "white"
} else {
  set terminal dumb mono size 79, 22
} } }
set output OUT
set encoding utf8

# Data come in blocks, one for each curve, with two empty lines between them. The first line of a block
# names its columns, and the first name is the curve's. A curve has a style: 100 for the first driver of
# drivers.settings (sequential), 200 for the second, ..., and 1 for each further curve of that driver.
style(i) = int(word(styles, i + 1))
law_style(i) = int(word(law_styles, i + 1))
# Further curves of a driver are lighter, hollow or of lines, and dashed.
part(rgb, k) = rgb / 256 ** k % 256
lighter(rgb, by) = int(sum [k=0:2] floor(part(rgb, k) + (255 - part(rgb, k)) * by) * 256 ** k)
driver_color(n) = int(word(driver_colors, n > 0 ? n : 1))
further(style) = style % 100 == 0 ? 0 : 2 - style % 2  # 0: the first; 1, 2, 1, 2 ... those that follow
color(style) = lighter(driver_color(style / 100), 0.2 * further(style))
# Full, hollow (whose number is one less), and of lines: a driver keeps to its own shapes.
shape(style) = further(style) == 2 ? int(word(driver_lined_points, style / 100)) \
                                   : int(word(driver_points, style / 100)) - further(style)
dash(style) = style % 100 % 5 + 1
# In the key a curve shows its shape, and its line if one is drawn.
drawn(i, among) = strstrt(" " . among . " ", " " . word(styles, i + 1) . " ") > 0

set datafile separator "\t"
set datafile missing "-"
set border 3 lc rgb ink lw 0.8
set tics nomirror out scale 0.5 textcolor rgb ink
set grid ytics lc rgb faint lw 0.4 dt 3
# Below the axes the key never lies on data.
set key bmargin center horizontal Left reverse samplen 2 width 1 textcolor rgb ink noautotitle noenhanced
set errorbars 0
set xlabel textcolor rgb ink offset 0, 0.4
# What is up the axis stands over it, in the direction of reading: set label 3 "time" @over_axis
over_axis = "at screen 0.02, graph 1 offset 0, 0.9 left front textcolor rgb ink"
# On a page the caption stands below; a picture that goes about alone needs it on top.
set lmargin at screen 0.11
set rmargin at screen 0.97
head = ending eq "svg" ? 0 : subtitle2 eq "" ? 50 : 68
set tmargin at screen 1 - (head + 32.0) / height
if (head > 0) {
  below(y) = 1 - real(y) / height
  set label 1 title at screen 0.02, screen below(18) left noenhanced textcolor rgb ink
  set label 2 subtitle at screen 0.02, screen below(38) left noenhanced textcolor rgb "#606060"
  set label 4 subtitle2 at screen 0.02, screen below(56) left noenhanced textcolor rgb "#606060"
}
