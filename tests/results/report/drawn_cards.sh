#!/usr/bin/env bash
# The cards of a report as Chromium draws them, from phones to wide screens, in a narrow font and in a wide one: nothing
# is cut off, and the bars of a card have one scale, which starts at 0.
#   tests/results/report/drawn_cards.sh BUILD
set -euo pipefail
root=$(cd -- "${0%/*}/../../.." && pwd)
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || :)
if [[ ! $browser ]]; then
  echo "not tested, for want of Chromium"
  exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
SCALELAB_BUILD=$1 "$root/lab" report "$root/results/reference/records.jsonl" --no-figures --out "$scratch/report" >/dev/null

# In a page: tells the frames around it how wide it is, and a word in its font, and what is wrong.
cat >"$scratch/look.html" <<'END'
<script>
addEventListener("load", () => {
  const wrong = [];
  const word = document.createElement("span");
  word.textContent = "processes";
  document.body.append(word);
  for (const card of document.querySelectorAll(".card")) {
    const edge = card.getBoundingClientRect().right;
    const scrolled = [...card.querySelectorAll(".wide")].filter((table) => table.scrollWidth > table.clientWidth);
    if (scrolled.length > 0) wrong.push("wider than its card: " + scrolled[0].textContent);
    for (const part of card.querySelectorAll("*")) {
      const box = part.getBoundingClientRect();
      if (box.width > 0 && box.right > edge) wrong.push(`cut off: ${part.className} ${part.textContent}`);
    }
    let scale = 0;
    for (const row of card.querySelectorAll("tbody tr")) {
      const cells = row.querySelectorAll("td");
      const speedup = parseFloat(cells[cells.length - 2].textContent);
      const drawn = row.querySelector(".bar").getBoundingClientRect().width;
      if (scale == 0) scale = drawn / speedup;
      if (!(Math.abs(drawn / speedup / scale - 1) < 0.02)) wrong.push(`a speed-up of ${speedup} is drawn ${drawn} wide`);
    }
    if (scale == 0) wrong.push("a card without bars");
  }
  const cards = document.querySelectorAll(".card").length;
  const said = [innerWidth, cards, word.getBoundingClientRect().width, ...wrong].join(";").replace(/\s+/g, " ");
  parent.postMessage(getComputedStyle(document.body).fontFamily + ";" + said, "*");
});
</script>
END
fonts=(sans-serif monospace)
widths=(320 390 1280 1920)
cat >"$scratch/frames.html" <<END
<script>
addEventListener("message", (event) => {
  const line = document.createElement("p");
  line.textContent = "told:" + event.data;
  document.body.append(line);
});
</script>
<body>
END
for font in "${fonts[@]}"; do
  { cat "$scratch/report/report.html" "$scratch/look.html" && echo "<style>body { font-family: $font }</style>"; } >"$scratch/$font.html"
  for width in "${widths[@]}"; do
    echo "<iframe src='$font.html' style='border: 0' width='$width' height='900'></iframe>" >>"$scratch/frames.html"
  done
done
timeout 120 "$browser" --headless --no-sandbox --disable-gpu --virtual-time-budget=20000 --dump-dom "file://$scratch/frames.html" \
  2>"$scratch/error" | sed -n 's/<p>told:\([^<]*\)<\/p>/\n\1\n/gp' | grep ';' >"$scratch/told" || :

failed=0
fail() {
  echo "FAILED $1"
  failed=1
}
for font in "${fonts[@]}"; do
  for width in "${widths[@]}"; do
    IFS=';' read -r -a told < <(grep "^$font;$width;" "$scratch/told") || :
    [[ ${told[2]:-} == 4 ]] || fail "$font, $width: expected four cards, got '${told[*]:-}'"
    for wrong in "${told[@]:4}"; do fail "$font, $width: $wrong"; done
  done
done
[[ $(cut -d ';' -f 4 "$scratch/told" | sort -u | wc -l) -gt 1 ]] || fail "both fonts are one"
((failed == 0)) || cat "$scratch/error"
exit "$failed"
