# Shared by .ci/run and .ci/long; sourced, with the repository's root as working directory.

passed=0
failed=0
stages=()

# find_jdk VERSION: prints the home of a JDK of that feature version, or fails.
find_jdk() {
  local candidate variable="JAVA_HOME_${1}_X64"
  for candidate in "${!variable:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [ -x "$candidate/bin/javac" ] \
      && [ "$("$candidate/bin/javac" -version 2>&1 | sed 's/^javac \([0-9]*\).*/\1/')" = "$1" ]; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

# stage NAME COMMAND...: runs it, shows the end of its output if it fails, and keeps its time.
stage() {
  local name="$1" started=$SECONDS log status=0
  shift
  log="$logs/$(printf '%s' "$name" | tr -c 'A-Za-z0-9\n' '-').log"
  printf '== %s: %s\n' "$name" "$*"
  "$@" >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    grep -v 'Download\(ing\|ed\) from' "$log" | grep -E '^\[ERROR\]|FAIL' | head -n 40
    printf -- '-- the end of %s:\n' "$log"
    grep -v 'Download\(ing\|ed\) from' "$log" | tail -n 40
  fi
  stages+=("$(printf '%6d s  %-40s %s' $((SECONDS - started)) "$name" "$([ "$status" -eq 0 ] && echo ok || echo "FAILED ($status)")")")
  return "$status"
}

# check NAME COMMAND...: a stage that counts as one test.
check() {
  if stage "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# tests NAME COMMAND...: a stage that runs Maven; its tests are counted from their reports.
tests() {
  local status=0 counts
  find . -path '*/target/*-reports/TEST-*.xml' -delete
  stage "$@" || status=$?
  # Of each report the attributes of <testsuite>: tests, errors, skipped, failures.
  counts="$(find . -path '*/target/*-reports/TEST-*.xml' -exec sed -n '/<testsuite /,/>/p' {} + \
    | tr '\n' ' ' | sed 's/<testsuite /\n/g' | awk '
      function value(name) { return match($0, " " name "=\"[0-9]+\"") \
        ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) + 0 : 0 }
      { tests += value("tests"); bad += value("errors") + value("failures"); out += value("skipped") }
      END { print tests - bad - out, bad, out }')"
  local good bad out
  read -r good bad out <<<"$counts"
  printf '   %d passed, %d failed, %d skipped\n' "$good" "$bad" "$out"
  if [ "$out" -gt 0 ]; then
    grep -rhoE --include='TEST-*.xml' 'skipped message="[^"]*"' ./*/target/*-reports | cut -c1-200 | sort | uniq -c
  fi
  # A build that broke without a failed test failed all the same.
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
}

# summary: prints the stages and, as the last line, the counts; its status is that of the run.
summary() {
  printf '\n'
  printf '%s\n' "${stages[@]}"
  printf '%6d s  in all\n' "$SECONDS"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
