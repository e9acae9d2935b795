#!/usr/bin/env bash
# Every relative link in the Markdown files leads to a file of the checkout. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0
while IFS= read -r file; do
  while IFS= read -r link; do
    target=${link%%#*}
    [ -n "$target" ] || continue
    if [ -e "$(dirname "$file")/$target" ]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "FAIL  $file: $link"
    fi
  done < <(grep -oE '\]\([^) ]+\)' "$file" | sed 's/^](//; s/)$//' | grep -vE '^(https?:|mailto:|#)')
done < <(git ls-files '*.md')
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
