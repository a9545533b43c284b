# Shared by benchmarks/run and benchmarks/jmh; sourced, with the repository's root as working
# directory. Builds what changed, server included.
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
./mvnw -q -B -Dquick -pl benchmarks -am package
bin/signaldb archive
classpath="$PWD/benchmarks/target/classes:$(cat benchmarks/target/classpath.txt)"
options=(
  --add-opens=java.base/java.nio=ALL-UNNAMED
  --add-opens=java.base/sun.nio.ch=ALL-UNNAMED
  -Dio.netty.noUnsafe=false
  -Dio.netty.tryReflectionSetAccessible=true
  -Darrow.enable_unsafe_memory_access=true
  -Darrow.enable_null_check_for_get=false
)
