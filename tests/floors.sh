#!/usr/bin/env bash
# The floors of the house: an include runs down, never up, and each outside library has one room that knows it.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0

# forbid WHAT WHERE…: no file of these folders includes what matches.
forbid() {
  local pattern=$1; shift
  local found
  ls -d "$@" >/dev/null || status=1  # grep on a folder that is gone finds nothing to forbid
  if found=$(grep -rnE "^#include [\"<]$pattern" --include='*.h' --include='*.cpp' "$@"); then
    echo "must not be included here:"
    echo "$found"
    status=1
  fi
}

forbid '(analyzer|advisors|connectors|cli)/' parser
forbid '(advisors|connectors|cli)/' analyzer
forbid '(connectors|cli)/' advisors
forbid '(advisors|cli)/' connectors
forbid 'parser/sql/statement' parser/log
forbid '(pg_query|protobuf)' parser/log parser/base analyzer advisors connectors cli
forbid '(pqxx|libpq|SQLiteCpp|sqlite3)' parser analyzer advisors cli
forbid 'CLI/' parser analyzer advisors connectors

# CMake splits a test's name at a semicolon, and Catch takes one that begins with a dash for an option.
if grep -rnE 'TEST_CASE\("(-|[^"]*;)' tests; then
  echo "a test's name must not begin with a dash, nor hold a semicolon"
  status=1
fi

[ -n "$(find parser analyzer advisors connectors cli -name '*.cpp')" ] || { echo "no sources found"; status=1; }
exit $status
