#!/bin/sh
# Builds the native library of this machine's platform from the sources beside this script and puts
# it, compressed, with its hash into the resources of the module. Needs Rust (rustup.rs), zstd and a JDK; for a library
# that runs on old Linux systems (glibc 2.17) also `cargo install cargo-zigbuild` and zig.
# CARGO_TARGET_DIR is honoured; it should be kept between builds: a first build takes half an hour.
set -eu
cd "$(dirname "$0")"

SIGNALDB_SOURCES_HASH=$("${JAVA_HOME:+$JAVA_HOME/bin/}java" SourcesHash.java .)
export SIGNALDB_SOURCES_HASH
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR
system=$(uname -s | tr '[:upper:]' '[:lower:]')
machine=$(uname -m | sed 's/arm64/aarch64/')

if [ "$system" = linux ] && command -v cargo-zigbuild > /dev/null; then
  target=$machine-unknown-linux-gnu
  cargo zigbuild --locked --release --target "$target.2.17"
  built=$CARGO_TARGET_DIR/$target/release/libsignaldb_datafusion.so
else
  echo "cargo-zigbuild not found: the library will need this machine's C library or a newer one" >&2
  cargo build --locked --release
  built=$(ls "$CARGO_TARGET_DIR"/release/libsignaldb_datafusion.so "$CARGO_TARGET_DIR"/release/libsignaldb_datafusion.dylib 2> /dev/null | head -n 1)
fi

directory=../src/main/resources/native/$system-$machine
mkdir -p "$directory"
library=$directory/libsignaldb_datafusion.so
zstd -q -f -T0 -19 --long=27 "$built" -o "$library.zst"
sha256sum < "$built" | cut -d ' ' -f 1 > "$library.sha256"
touch "$library.zst" # zstd keeps the time of the input, by which Maven would miss the change
chmod 644 "$library.zst"
echo "$SIGNALDB_SOURCES_HASH" > "$library.sources.sha256"
ls -l "$directory"
