#!/usr/bin/env bash
# The Debian package: made, its dependencies there to be had, unpacked where nothing else is, and run: package_test.sh BUILD.
set -euo pipefail
build=$(realpath "$1")
root=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "$1" >&2; exit 1; }

(cd "$work" && cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/made" >"$work/cpack.log" 2>&1) || { cat "$work/cpack.log"; exit 1; }
package=$(ls "$work"/made/*.deb)
dpkg-deb -f "$package" Depends | grep -q libpqxx || fail "the package does not depend on its libraries"
mkdir -p "$work/root"
dpkg-deb -x "$package" "$work/root"
for file in bin/assay share/man/man1/assay.1.gz share/bash-completion/completions/assay share/zsh/vendor-completions/_assay; do
  [ -s "$work/root/usr/$file" ] || fail "the package lacks /usr/$file"
done
assay=$work/root/usr/bin/assay
"$assay" --version
"$assay" report "$root/samples/events/recorded/events.log.zst" --quiet -o "$work/report.html"
grep -q '</html>' "$work/report.html" || fail "the packaged binary wrote no report"
if command -v apt-get >/dev/null; then
  apt-get -s install "$package" >"$work/apt.log" 2>&1 || { cat "$work/apt.log" >&2; fail "its dependencies are not to be had"; }
fi
