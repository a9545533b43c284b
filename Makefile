.PHONY: build verify long format native bench jmh run demo clean
build: ; ./mvnw -q -B -Dquick package
verify: ; ./mvnw verify
long: ; .ci/long
format: ; ./mvnw -q spotless:apply
native: ; signaldb-datafusion/native/build.sh
bench: ; benchmarks/run
jmh: ; benchmarks/jmh
run: ; bin/signaldb
demo: ; bin/signaldb --demo
clean: ; ./mvnw -q clean
