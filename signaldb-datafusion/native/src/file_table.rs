//! A table over an explicit list of Parquet files.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::{DFSchema, not_impl_err};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, FileSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter_pushdown::PushedDown;
use futures::{StreamExt, stream};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};
use url::{Position, Url};

use crate::error::{Failure, Outcome};
use crate::runtime::Engine;
use crate::select::{Select, column_indices};
use crate::types::engine_schema;

/// Of a select, which wants few rows of many columns: a batch takes memory for each of its rows and
/// columns before it is filled.
const SELECT_BATCH_ROWS: usize = 1024;
/// Footers read at the same time.
const FOOTERS_AT_ONCE: usize = 16;

#[derive(Debug)]
pub struct FileTable {
    schema: SchemaRef,
    store: ObjectStoreUrl,
    files: Vec<PartitionedFile>,
    sorted_by: Vec<PhysicalSortExpr>,
}

impl FileTable {
    pub fn new(
        declared: &Schema,
        urls: &[String],
        sizes: &[i64],
        sorted_by: &[String],
    ) -> Outcome<Self> {
        let schema = Arc::new(engine_schema(declared));
        let sorted_by = sorted_by
            .iter()
            .map(|name| match schema.index_of(name) {
                Ok(index) => Ok(PhysicalSortExpr::new_default(Arc::new(Column::new(name, index)))),
                Err(_) => Err(Failure::argument(format!("sort column {name:?} is not declared"))),
            })
            .collect::<Outcome<_>>()?;
        let (store, files) = parse_files(urls, sizes)?;
        Ok(Self { schema, store, files, sorted_by })
    }
}

/// The files, all on one store.
fn parse_files(urls: &[String], sizes: &[i64]) -> Outcome<(ObjectStoreUrl, Vec<PartitionedFile>)> {
    let mut store: Option<ObjectStoreUrl> = None;
    let mut files = Vec::with_capacity(urls.len());
    for (url, size) in urls.iter().zip(sizes) {
        let (its_store, path) = parse_file_url(url)?;
        match &store {
            None => store = Some(its_store),
            Some(first) if *first == its_store => {}
            Some(first) => {
                return Err(Failure::argument(format!(
                    "{url} is not on {first}; expected the files of a table on one store"
                )));
            }
        }
        let size = u64::try_from(*size)
            .map_err(|_| Failure::argument(format!("{url}: size {size} is negative")))?;
        files.push(partitioned_file(store.as_ref().expect("set above"), path, size));
    }
    let store = store.unwrap_or_else(ObjectStoreUrl::local_filesystem);
    Ok((store, files))
}

/// The names of the top-level columns that at least one of the files has, from cached footers or
/// from the files.
pub async fn present_columns(
    env: &RuntimeEnv,
    urls: &[String],
    sizes: &[i64],
) -> Outcome<BTreeSet<String>> {
    let (store, files) = parse_files(urls, sizes)?;
    Ok(columns_of(env, &store, &files).await?)
}

async fn columns_of(
    env: &RuntimeEnv,
    store: &ObjectStoreUrl,
    files: &[PartitionedFile],
) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    if files.is_empty() {
        return Ok(names);
    }
    let store = env.object_store(store)?;
    let objects: Vec<_> = files.iter().map(|file| file.object_meta.clone()).collect();
    let mut footers = stream::iter(objects)
        .map(|object| footer(env, store.clone(), object))
        .buffer_unordered(FOOTERS_AT_ONCE);
    while let Some(footer) = footers.next().await {
        let footer = footer?;
        let root = footer.file_metadata().schema_descr().root_schema();
        for field in root.get_fields() {
            if !names.contains(field.name()) {
                names.insert(field.name().to_string());
            }
        }
    }
    Ok(names)
}

/// Which of the files, by their number, may have one of the values in a column of text.
pub async fn files_with(
    engine: &Engine,
    urls: &[String],
    sizes: &[i64],
    column: &str,
    values: &[String],
) -> Outcome<Vec<i64>> {
    let (store, files) = parse_files(urls, sizes)?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let store = engine.env.object_store(&store)?;
    let objects: Vec<_> = files.into_iter().map(|file| file.object_meta).enumerate().collect();
    let found: Vec<Outcome<Option<i64>>> = stream::iter(objects)
        .map(|(number, object)| {
            let store = store.clone();
            async move {
                let footer = footer(&engine.env, store.clone(), object.clone()).await?;
                let filters = &engine.bloom_filters;
                let may =
                    filters.may_contain(store.as_ref(), &object, &footer, column, values).await?;
                Ok(may.then_some(number as i64))
            }
        })
        .buffered(FOOTERS_AT_ONCE)
        .collect()
        .await;
    let found = found.into_iter().collect::<Outcome<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

async fn footer(
    env: &RuntimeEnv,
    store: Arc<dyn ObjectStore>,
    object: ObjectMeta,
) -> Result<Arc<ParquetMetaData>> {
    DFParquetMetadata::new(store.as_ref(), &object)
        .with_file_metadata_cache(Some(env.cache_manager.get_file_metadata_cache()))
        .fetch_metadata()
        .await
}

/// The store and the path of `file:///a/b` or `s3://bucket/a/b`.
pub fn parse_file_url(url: &str) -> Outcome<(ObjectStoreUrl, Path)> {
    let bad = |why: String| {
        Failure::argument(format!("{url:?}: {why}; expected file:///path or s3://bucket/key"))
    };
    let parsed = Url::parse(url).map_err(|e| bad(e.to_string()))?;
    if !matches!(parsed.scheme(), "file" | "s3") {
        return Err(bad(format!("unknown scheme {}", parsed.scheme())));
    }
    let store = ObjectStoreUrl::parse(&parsed[..Position::BeforePath])
        .map_err(|e| bad(e.strip_backtrace()))?;
    let path = Path::from_url_path(parsed.path()).map_err(|e| bad(e.to_string()))?;
    Ok((store, path))
}

/// The cache of footers looks a file up by path and compares size and time. Files never change, so
/// the time is free to tell apart two stores that use the same path.
fn partitioned_file(store: &ObjectStoreUrl, path: Path, size: u64) -> PartitionedFile {
    let mut hasher = DefaultHasher::new();
    store.as_str().hash(&mut hasher);
    let mut file = PartitionedFile::new("", size);
    file.object_meta.location = path;
    file.object_meta.last_modified += Duration::from_secs(hasher.finish() >> 33);
    file
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// The planner offers the filters again to the scan, which then evaluates them exactly.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (format, source) = self.format(state);
        let scan = self.scan_of(state, source, projection.cloned())?.with_limit(limit);
        format.create_physical_plan(state, scan.build()).await
    }
}

#[async_trait]
impl Select for FileTable {
    fn columns(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn select(
        &self,
        state: &SessionState,
        columns: &[String],
        filters: &[Expr],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = if columns.is_empty() {
            let present = columns_of(state.runtime_env(), &self.store, &self.files).await?;
            let all = self.schema.fields().iter().enumerate();
            all.filter(|(_, f)| present.contains(f.name())).map(|(index, _)| index).collect()
        } else {
            column_indices(&self.schema, columns)?
        };
        let (format, mut source) = self.format(state);
        if !filters.is_empty() {
            let schema = DFSchema::try_from(self.schema.clone())?;
            let physical = filters.iter().map(|f| state.create_physical_expr(f.clone(), &schema));
            let physical = physical.collect::<Result<Vec<_>>>()?;
            let pushed = source.try_pushdown_filters(physical, state.config_options())?;
            for (filter, pushed) in filters.iter().zip(&pushed.filters) {
                if matches!(pushed, PushedDown::No) {
                    return not_impl_err!("condition {filter} in a select over files; use SQL");
                }
            }
            source = pushed.updated_node.unwrap_or(source);
        }
        let scan = self.scan_of(state, source, Some(columns))?;
        let scan = scan.with_batch_size(Some(SELECT_BATCH_ROWS));
        format.create_physical_plan(state, scan.build()).await
    }
}

impl FileTable {
    fn format(&self, state: &dyn Session) -> (ParquetFormat, Arc<dyn FileSource>) {
        let options = TableParquetOptions {
            global: state.config_options().execution.parquet.clone(),
            ..Default::default()
        };
        let format = ParquetFormat::new().with_options(options);
        let source = format.file_source(TableSchema::from(self.schema.clone()));
        (format, source)
    }

    fn scan_of(
        &self,
        state: &dyn Session,
        source: Arc<dyn FileSource>,
        columns: Option<Vec<usize>>,
    ) -> Result<FileScanConfigBuilder> {
        let groups =
            FileGroup::new(self.files.clone()).split_files(state.config().target_partitions());
        let scan = FileScanConfigBuilder::new(self.store.clone(), source)
            .with_file_groups(groups)
            .with_projection_indices(columns)?;
        Ok(match LexOrdering::new(self.sorted_by.clone()) {
            Some(ordering) => scan.with_output_ordering(vec![ordering]),
            None => scan,
        })
    }
}
