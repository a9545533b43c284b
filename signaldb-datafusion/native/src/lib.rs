//! Apache DataFusion for the JVM: SQL over Parquet files and Arrow batches.
//!
//! `jni_surface` is the only module that Java calls; it turns arguments into Rust values, errors and
//! panics into exceptions, and finds objects by their handles. The other modules know no JVM.

mod bloom_filters;
mod error;
mod export;
mod file_table;
mod handles;
mod jni_surface;
mod map_entries;
mod memory_table;
mod params;
mod parquet_target;
mod parquet_writer;
mod query;
mod reader_table;
mod runtime;
mod select;
mod session;
mod types;
mod union_table;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
