#!/usr/bin/env bash
# Makes the sample from its narration, Subtitles/Samples/tour.txt: tour.webm (moving picture and voice) and tour.vtt (its subtitles with
# true timings).
# Needs flite, ffmpeg with libvpx-vp9 and libopus, and chromium. Nothing is taken from anywhere else, so the result belongs to the project.
set -euo pipefail
cd "$(dirname "$0")/.."

out=Subtitles/Samples
fps=24
lead_ms=1500   # picture before the first word
pause_ms=650   # between sentences: long enough for a transcriber to cut there
tail_ms=1600   # picture after the last word
chromium=${CHROMIUM:-chromium}

for tool in flite ffmpeg ffprobe "$chromium"; do
  command -v "$tool" >/dev/null || { echo "make-sample: $tool is missing; on Debian: apt install flite ffmpeg chromium" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One file a sentence, silence cut off at both ends: then a sentence lasts exactly as long as its file, and the timings below are true.
trim='silenceremove=start_periods=1:start_threshold=-50dB,areverse,silenceremove=start_periods=1:start_threshold=-50dB,areverse'
at=$lead_ms
starts=()
ends=()
sentences=()
inputs=()
graph=
while IFS= read -r sentence; do
  n=${#sentences[@]}
  flite -voice slt -t "$sentence" -o "$work/raw.wav" </dev/null
  ffmpeg -nostdin -v error -y -i "$work/raw.wav" -af "$trim" -ar 48000 "$work/$n.wav"
  samples=$(ffprobe -v error -show_entries stream=duration_ts -of csv=p=0 "$work/$n.wav" </dev/null)
  sentences+=("$sentence")
  starts+=("$at")
  ends+=($((at + samples / 48)))
  inputs+=(-i "$work/$n.wav")
  graph+="[$n]adelay=$at[s$n];"
  at=$((at + samples / 48 + pause_ms))
done <"$out/tour.txt"
count=${#sentences[@]}
length_ms=$((at - pause_ms + tail_ms))
for ((n = 0; n < count; n++)); do graph+="[s$n]"; done
graph+="amix=inputs=$count:normalize=0:duration=longest,apad=whole_dur=${length_ms}ms"
ffmpeg -nostdin -v error -y "${inputs[@]}" -filter_complex "$graph" -ac 1 "$work/voice.wav"

# Two lines at the most, broken after the comma that parts the clauses, else before a place or a time.
stamp() { printf '%02d:%02d:%02d.%03d' $(($1 / 3600000)) $(($1 / 60000 % 60)) $(($1 / 1000 % 60)) $(($1 % 1000)); }
{
  printf 'WEBVTT\n'
  for ((n = 0; n < count; n++)); do
    printf '\n%d\n%s --> %s\n' $((n + 1)) "$(stamp "${starts[n]}")" "$(stamp "${ends[n]}")"
    if ((${#sentences[n]} > 42)); then
      sed -E 's/, /,\n/;t;s/ (at|in|on) /\n\1 /;t;s/^(.{1,42}) /\1\n/' <<<"${sentences[n]}"
    else
      echo "${sentences[n]}"
    fi
  done
} >"$out/tour.vtt"
if grep -v -- '-->' "$out/tour.vtt" | grep -E '^.{43,}' >&2; then
  echo "make-sample: this subtitle line is longer than 42 characters" >&2
  exit 1
fi

# The picture is a function of time, drawn on a canvas; the browser prints a slice of frames as data URLs, one a line.
frames=$((length_ms * fps / 1000))
slice=200
draw() {
  local from to times
  times="starts=$(IFS=,; echo "${starts[*]}")&end=${ends[count - 1]}"
  for ((from = 0; from < frames; from += slice)); do
    to=$((from + slice < frames ? from + slice : frames))
    "$chromium" --headless --no-sandbox --disable-gpu --disable-extensions --user-data-dir="$work/profile" --timeout=120000 --dump-dom \
      "file://$PWD/scripts/sample/tour.html?fps=$fps&from=$from&to=$to&$times" \
      2>"$work/chromium.log" | sed -n 's/.*data:image\/png;base64,\([A-Za-z0-9+\/=]*\).*/\1/p' |
      split -l 1 --filter='base64 -d'
  done
}
draw | ffmpeg -v error -y -f image2pipe -c:v png -framerate "$fps" -i - -i "$work/voice.wav" -pix_fmt yuv420p \
  -c:v libvpx-vp9 -crf 40 -b:v 0 -g $((fps * 5)) -row-mt 1 -deadline good -cpu-used 2 \
  -c:a libopus -b:a 32k -metadata title="A short tour" "$work/tour.webm"
mv "$work/tour.webm" "$out/tour.webm"

size=$(stat -c %s "$out/tour.webm")
echo "tour.webm: $((length_ms / 1000)) s, $((size / 1024)) KiB; tour.vtt: $count cues"
((size < 1000000)) || { echo "make-sample: the video must stay under 1 MB" >&2; exit 1; }
