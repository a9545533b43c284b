//! What all sessions share: threads, memory pool, spill directory, object stores, caches, settings.

use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::config::ConfigOptions;
use datafusion::execution::disk_manager::{DiskManager, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::SessionConfig;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::bloom_filters::BloomFilters;
use crate::error::{Failure, Kind, Outcome};

/// Deep plans recurse; the planner runs on these threads, never on Java's.
const STACK_BYTES: usize = 8 << 20;

/// Suited to selective scans over wide tables of many files.
const DEFAULTS: &[(&str, &str)] = &[
    ("datafusion.catalog.information_schema", "false"),
    ("datafusion.execution.parquet.pushdown_filters", "true"),
    ("datafusion.execution.parquet.reorder_filters", "true"),
    ("datafusion.execution.parquet.bloom_filter_on_read", "true"),
    ("datafusion.execution.parquet.enable_page_index", "true"),
];

pub struct Engine {
    threads: Option<tokio::runtime::Runtime>,
    pub env: Arc<RuntimeEnv>,
    /// Cloned for each session, which then gets a catalog of its own.
    pub template: SessionState,
    pub bloom_filters: BloomFilters,
    /// Cancelled when Java closes the runtime; each query has a child of it.
    pub closed: CancellationToken,
}

impl Engine {
    pub fn open(
        memory_bytes: usize,
        spill_directory: &str,
        threads: usize,
        settings: &[(String, String)],
    ) -> Outcome<Self> {
        let mut options = ConfigOptions::new();
        options.execution.target_partitions = threads;
        for (key, value) in DEFAULTS {
            options.set(key, value)?;
        }
        let consumers = NonZeroUsize::new(5).expect("not zero");
        let pool: Arc<dyn MemoryPool> =
            Arc::new(TrackConsumersPool::new(FairSpillPool::new(memory_bytes), consumers));
        let mut disk = DiskManager::builder().with_mode(spill_mode(spill_directory)?);
        let mut env = RuntimeEnvBuilder::new().with_memory_pool(pool);
        let mut panic_function = false;
        for (key, value) in settings {
            match key.as_str() {
                "signaldb.metadata_cache_bytes" => {
                    env = env.with_metadata_cache_limit(number(key, value)? as usize)
                }
                "signaldb.spill_bytes" => {
                    disk = disk.with_max_temp_directory_size(number(key, value)?)
                }
                "signaldb.panic_function" => panic_function = value == "true",
                _ => options.set(key, value).map_err(|e| {
                    Failure::argument(format!("setting {key} = {value}: {}", e.strip_backtrace()))
                })?,
            }
        }
        let env = env.with_disk_manager_builder(disk).build_arc()?;
        let mut template = SessionStateBuilder::new()
            .with_config(SessionConfig::from(options))
            .with_runtime_env(env.clone())
            .with_default_features()
            .build();
        if panic_function {
            register_panic_function(&mut template)?;
        }
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("signaldb-datafusion")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map_err(|e| Failure::new(Kind::Resources, format!("cannot start threads: {e}")))?;
        let bloom_filters = BloomFilters::default();
        let closed = CancellationToken::new();
        Ok(Self { threads: Some(threads), env, template, bloom_filters, closed })
    }

    fn threads(&self) -> &tokio::runtime::Runtime {
        self.threads.as_ref().expect("present until drop")
    }

    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.threads().spawn(work)
    }

    /// Waits on a thread of Java; must not be called from a thread of this runtime.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.threads().block_on(work)
    }

    /// Lets code on a thread of Java spawn tasks.
    pub fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.threads().enter()
    }

    /// Reserved memory, spilled bytes, tasks, cached footers.
    pub fn stats(&self) -> [i64; 4] {
        [
            self.env.memory_pool.reserved() as i64,
            self.env.disk_manager.used_disk_space() as i64,
            self.threads().metrics().num_alive_tasks() as i64,
            self.env.cache_manager.get_file_metadata_cache().len() as i64,
        ]
    }

    pub fn register_s3(&self, bucket_url: &str, options: &[(String, String)]) -> Outcome<()> {
        let url = Url::parse(bucket_url)
            .ok()
            .filter(|u| u.scheme() == "s3" && u.has_host() && u.path().len() <= 1)
            .ok_or_else(|| {
                Failure::argument(format!("bucket URL {bucket_url:?}; expected s3://bucket"))
            })?;
        let mut builder = AmazonS3Builder::from_env().with_url(bucket_url);
        for (key, value) in options {
            let key: AmazonS3ConfigKey =
                key.parse().map_err(|e| Failure::argument(format!("S3 option {key:?}: {e}")))?;
            builder = builder.with_config(key, value);
        }
        let store = builder.build().map_err(|e| Failure::argument(e.to_string()))?;
        self.env.register_object_store(&url, Arc::new(store));
        Ok(())
    }
}

/// The last owner may be a task of this very runtime, which must not wait for itself.
impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

fn spill_mode(directory: &str) -> Outcome<DiskManagerMode> {
    if directory.is_empty() {
        return Ok(DiskManagerMode::Disabled);
    }
    std::fs::create_dir_all(directory).map_err(|e| Failure::io(directory, e))?;
    Ok(DiskManagerMode::Directories(vec![directory.into()]))
}

fn number(key: &str, value: &str) -> Outcome<u64> {
    value
        .parse()
        .map_err(|_| Failure::argument(format!("setting {key} = {value}; expected a byte count")))
}

/// `signaldb_panic(text)`: lets tests prove that a defect inside a query is an exception in Java.
fn register_panic_function(state: &mut SessionState) -> Outcome<()> {
    use datafusion::execution::FunctionRegistry;
    let function = create_udf(
        "signaldb_panic",
        vec![DataType::Int64],
        DataType::Int64,
        Volatility::Volatile,
        Arc::new(|arguments: &[ColumnarValue]| panic!("asked to panic with {arguments:?}")),
    );
    state.register_udf(Arc::new(ScalarUDF::from(function)))?;
    Ok(())
}
