#!/usr/bin/env bash
# Writes immutable_functions.inc from the functions of a running server; its arguments are psql's, such as -d URI.
set -euo pipefail
cd "$(dirname "$0")"
{
  echo "// Written by write_immutable_functions.sh; what is in it, and what is not, says immutable_functions.sql."
  psql --no-psqlrc --tuples-only --no-align "$@" --file immutable_functions.sql | sort -t/ -k1,1 -k2,2n | LC_ALL=C sort |
    sed 's/.*/"&",/' | paste -sd ' ' | fold -s -w 116 | sed 's/ *$//'
} >immutable_functions.inc
