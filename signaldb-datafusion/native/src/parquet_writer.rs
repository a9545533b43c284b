//! One query into one Parquet file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array, new_empty_array,
};
use datafusion::arrow::compute::{
    CastOptions, SortOptions, cast_with_options, concat, sort_to_indices, take,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use datafusion::parquet::arrow::{ArrowSchemaConverter, PARQUET_FIELD_ID_META_KEY};
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::metadata::SortingColumn;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use datafusion::parquet::schema::types::{ColumnPath, SchemaDescriptor};
use object_store::{ObjectStoreExt, WriteMultipart};
use url::Url;

use crate::error::{Failure, Outcome};
use crate::file_table::parse_file_url;
use crate::query::Query;
use crate::runtime::Engine;
use crate::types::is_text;

/// Rows gathered and encoded at a time.
const CHUNK_ROWS: usize = 32 * 1024;
/// Parts of an upload in flight.
const UPLOADS: usize = 4;
/// A false positive costs one page read; 1 % needs 10 bits a value.
const BLOOM_FALSE_POSITIVES: f64 = 0.01;

pub struct WriteOptions {
    /// Columns in file order, with field ids in their metadata.
    pub schema: Schema,
    pub sort_by: Vec<String>,
    pub presorted: bool,
    pub drop_null_columns: bool,
    pub bloom_filter_columns: Vec<String>,
    pub plain_columns: Vec<String>,
    pub zstd_level: i32,
    pub row_group_rows: usize,
    pub page_rows: usize,
}

pub struct Written {
    pub rows: i64,
    pub bytes: i64,
    pub footer: Vec<u8>,
}

/// Runs the query; encoding happens on the calling thread.
pub fn write(query: &Query, url: &str, options: &WriteOptions) -> Outcome<Written> {
    let (plan, context) = query.plan()?;
    let output = plan.schema();
    let columns = match_columns(&output, &options.schema)?;
    check_names(&options.sort_by, &columns, "sort column")?;
    let mut rows = query.start(plan, context, None);
    if options.presorted {
        let columns = Columns::new(columns);
        let target = Target::open(&query.engine, url)?;
        let expected_rows = options.row_group_rows;
        return with_writer(target, &columns, options, expected_rows, |writer| {
            while let Some(batch) = query.next(&mut rows)? {
                writer.write(&columns.adapt(batch.columns().to_vec(), batch.num_rows())?)?;
            }
            Ok(())
        });
    }
    let mut batches = Vec::new();
    while let Some(batch) = query.next(&mut rows)? {
        batches.push(batch);
    }
    let columns = Columns::new(kept_columns(columns, &batches, options)?);
    let sorted = collect(batches, &output, &columns)?;
    let order = sort_order(&sorted, &options.sort_by)?;
    let target = Target::open(&query.engine, url)?;
    let expected_rows = sorted.rows.min(options.row_group_rows);
    with_writer(target, &columns, options, expected_rows, |writer| {
        for start in (0..sorted.rows).step_by(CHUNK_ROWS) {
            query.check_cancelled()?;
            let length = CHUNK_ROWS.min(sorted.rows - start);
            let gather = |column: &Column| match &order {
                Some(order) => {
                    Ok(take(&sorted.arrays[column.input], &order.slice(start, length), None)?)
                }
                None => Ok(sorted.arrays[column.input].slice(start, length)),
            };
            let arrays = columns.columns.iter().map(gather).collect::<Outcome<Vec<_>>>()?;
            writer.write(&columns.batch(arrays, length)?)?;
        }
        Ok(())
    })
}

/// A column of the file and where it is in the query's output.
struct Column {
    input: usize,
    /// As it is handed to the Parquet writer: text stays in the encoding the query returns.
    field: FieldRef,
}

/// The columns that the query and the target have in common, in the target's order.
fn match_columns(output: &Schema, target: &Schema) -> Outcome<Vec<Column>> {
    for field in output.fields() {
        if target.column_with_name(field.name()).is_none() {
            return Err(Failure::argument(format!(
                "the query returns column {:?}, which is not in the schema of the file",
                field.name()
            )));
        }
    }
    let mut columns = Vec::new();
    for field in target.fields() {
        match output.column_with_name(field.name()) {
            Some((input, found)) => {
                columns.push(Column { input, field: writer_field(field, found.data_type()) })
            }
            None if field.is_nullable() => {}
            None => {
                return Err(Failure::argument(format!(
                    "the query does not return column {:?}, which is required",
                    field.name()
                )));
            }
        }
    }
    Ok(columns)
}

fn writer_field(target: &Field, found: &DataType) -> FieldRef {
    let data_type = if is_text(target.data_type()) && is_text(found) {
        found.clone()
    } else {
        target.data_type().clone()
    };
    let metadata = target.metadata().iter().filter(|(key, _)| *key == PARQUET_FIELD_ID_META_KEY);
    let metadata = metadata.map(|(key, value)| (key.clone(), value.clone())).collect();
    Arc::new(Field::new(target.name(), data_type, target.is_nullable()).with_metadata(metadata))
}

fn check_names(names: &[String], columns: &[Column], what: &str) -> Outcome<()> {
    for name in names {
        if !columns.iter().any(|c| c.field.name() == name) {
            return Err(Failure::argument(format!("{what} {name:?} is not returned by the query")));
        }
    }
    Ok(())
}

fn required_is_null(field: &Field, nulls: usize) -> Failure {
    Failure::argument(format!(
        "column {:?} is null in {nulls} rows; expected a value in every row",
        field.name()
    ))
}

/// The columns of the file and the schema given to the Parquet writer.
struct Columns {
    columns: Vec<Column>,
    schema: SchemaRef,
}

impl Columns {
    fn new(columns: Vec<Column>) -> Self {
        let schema =
            Arc::new(Schema::new(columns.iter().map(|c| c.field.clone()).collect::<Vec<_>>()));
        Self { columns, schema }
    }

    /// From all columns of the query.
    fn adapt(&self, input: Vec<ArrayRef>, rows: usize) -> Outcome<RecordBatch> {
        self.batch(self.columns.iter().map(|c| input[c.input].clone()).collect(), rows)
    }

    /// From one array per column of the file.
    fn batch(&self, arrays: Vec<ArrayRef>, rows: usize) -> Outcome<RecordBatch> {
        let strict = CastOptions { safe: false, ..Default::default() };
        let arrays = arrays
            .into_iter()
            .zip(&self.columns)
            .map(|(array, column)| {
                let field = &column.field;
                if !field.is_nullable() && array.logical_null_count() > 0 {
                    return Err(required_is_null(field, array.logical_null_count()));
                }
                if array.data_type() == field.data_type() {
                    return Ok(array);
                }
                cast_with_options(&array, field.data_type(), &strict)
                    .map_err(|e| Failure::argument(format!("column {:?}: {e}", field.name())))
            })
            .collect::<Outcome<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)?)
    }
}

/// Without the columns that have no value, if those are to be dropped.
fn kept_columns(
    columns: Vec<Column>,
    batches: &[RecordBatch],
    options: &WriteOptions,
) -> Outcome<Vec<Column>> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let mut kept = Vec::new();
    for column in columns {
        let nulls = batches.iter().map(|b| b.column(column.input).logical_null_count()).sum();
        if nulls > 0 && !column.field.is_nullable() {
            return Err(required_is_null(&column.field, nulls));
        }
        let empty = nulls == rows && column.field.is_nullable();
        if !(empty && options.drop_null_columns) || options.sort_by.contains(column.field.name()) {
            kept.push(column);
        }
    }
    Ok(kept)
}

/// The whole result, one array per column of the query; those that are not kept are empty.
struct Collected {
    rows: usize,
    schema: SchemaRef,
    arrays: Vec<ArrayRef>,
}

/// Column by column, so that at most one column is held twice.
fn collect(batches: Vec<RecordBatch>, schema: &SchemaRef, kept: &Columns) -> Outcome<Collected> {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    if rows > u32::MAX as usize {
        return Err(Failure::argument(format!("{rows} rows; expected at most {}", u32::MAX)));
    }
    let mut parts: Vec<Vec<ArrayRef>> = vec![Vec::new(); schema.fields().len()];
    for batch in batches {
        for column in &kept.columns {
            parts[column.input].push(batch.column(column.input).clone());
        }
    }
    let mut arrays = Vec::with_capacity(parts.len());
    for (part, field) in parts.iter_mut().zip(schema.fields()) {
        let part = mem::take(part);
        let references: Vec<&dyn Array> = part.iter().map(AsRef::as_ref).collect();
        arrays.push(match references.is_empty() {
            true => new_empty_array(field.data_type()),
            false => concat(&references)?,
        });
    }
    Ok(Collected { rows, schema: schema.clone(), arrays })
}

/// The rows in order, or nothing if they are to stay as they are.
fn sort_order(collected: &Collected, sort_by: &[String]) -> Outcome<Option<UInt32Array>> {
    let keys = sort_by
        .iter()
        .map(|name| Ok(collected.arrays[collected.schema.index_of(name)?].clone()))
        .collect::<Outcome<Vec<_>>>()?;
    match keys.as_slice() {
        [] => Ok(None),
        [key] => Ok(Some(sort_to_indices(key, Some(SortOptions::default()), None)?)),
        keys => {
            let fields = keys.iter().map(|k| SortField::new(k.data_type().clone())).collect();
            let rows = RowConverter::new(fields)?.convert_columns(keys)?;
            let mut order: Vec<u32> = (0..collected.rows as u32).collect();
            order.sort_unstable_by(|a, b| rows.row(*a as usize).cmp(&rows.row(*b as usize)));
            Ok(Some(order.into()))
        }
    }
}

fn with_writer(
    target: Target,
    columns: &Columns,
    options: &WriteOptions,
    expected_rows: usize,
    work: impl FnOnce(&mut ArrowWriter<Output>) -> Outcome<()>,
) -> Outcome<Written> {
    let properties = properties(columns, options, expected_rows)?;
    let output = Output::new(target);
    let written = encode(output.clone(), columns, properties, work);
    match written {
        Ok((rows, tail)) => {
            let bytes = output.take().finish()?;
            Ok(Written { rows, bytes, footer: footer(tail)? })
        }
        Err(failure) => {
            output.take().abandon();
            Err(failure)
        }
    }
}

fn encode(
    output: Output,
    columns: &Columns,
    properties: WriterProperties,
    work: impl FnOnce(&mut ArrowWriter<Output>) -> Outcome<()>,
) -> Outcome<(i64, Vec<u8>)> {
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true)
        .with_schema_root("table".to_string());
    let mut writer =
        ArrowWriter::try_new_with_options(output.clone(), columns.schema.clone(), options)?;
    work(&mut writer)?;
    writer.flush()?;
    output.keep_tail();
    let metadata = writer.finish()?;
    Ok((metadata.file_metadata().num_rows(), output.tail()))
}

fn properties(
    columns: &Columns,
    options: &WriteOptions,
    expected_rows: usize,
) -> Outcome<WriterProperties> {
    let parquet = ArrowSchemaConverter::new().with_coerce_types(true).convert(&columns.schema)?;
    let level = ZstdLevel::try_new(options.zstd_level)?;
    let mut properties = WriterProperties::builder()
        .set_created_by(format!("signaldb-datafusion {}", env!("CARGO_PKG_VERSION")))
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(options.row_group_rows))
        .set_data_page_row_count_limit(options.page_rows)
        .set_coerce_types(true)
        .set_sorting_columns(sorting_columns(&parquet, &options.sort_by));
    for name in options.bloom_filter_columns.iter() {
        if columns.schema.column_with_name(name).is_some() {
            let column = column_path(columns, name);
            properties = properties
                .set_column_bloom_filter_enabled(column.clone(), true)
                .set_column_bloom_filter_fpp(column.clone(), BLOOM_FALSE_POSITIVES)
                .set_column_bloom_filter_max_ndv(column, expected_rows.max(1) as u64);
        }
    }
    for name in options.plain_columns.iter() {
        properties = properties.set_column_dictionary_enabled(column_path(columns, name), false);
    }
    Ok(properties.build())
}

/// A name of a column, or with dots the path of a leaf in one.
fn column_path(columns: &Columns, name: &str) -> ColumnPath {
    match columns.schema.column_with_name(name) {
        Some(_) => ColumnPath::from(name),
        None => ColumnPath::new(name.split('.').map(str::to_string).collect()),
    }
}

/// Parquet numbers the leaves of nested columns too.
fn sorting_columns(parquet: &SchemaDescriptor, sort_by: &[String]) -> Option<Vec<SortingColumn>> {
    let leaf =
        |name: &String| parquet.columns().iter().position(|c| c.path().parts() == [name.as_str()]);
    let sorting: Vec<_> = sort_by
        .iter()
        .map_while(leaf)
        .map(|column| SortingColumn {
            column_idx: column as i32,
            descending: false,
            nulls_first: true,
        })
        .collect();
    (!sorting.is_empty()).then_some(sorting)
}

/// From what was written last: metadata, its length in four bytes, the magic in four.
fn footer(tail: Vec<u8>) -> Outcome<Vec<u8>> {
    let (_, end) = tail
        .split_last_chunk::<8>()
        .ok_or_else(|| Failure::argument("the Parquet writer wrote no footer"))?;
    let length = u32::from_le_bytes([end[0], end[1], end[2], end[3]]) as usize + end.len();
    let start = tail
        .len()
        .checked_sub(length)
        .ok_or_else(|| Failure::argument("the Parquet writer wrote a broken footer"))?;
    Ok(tail[start..].to_vec())
}

/// What the Parquet writer writes to; shared, because the writer keeps its copy.
#[derive(Clone)]
struct Output(Arc<Mutex<OutputState>>);

struct OutputState {
    target: Option<Target>,
    tail: Option<Vec<u8>>,
}

impl Output {
    fn new(target: Target) -> Self {
        Self(Arc::new(Mutex::new(OutputState { target: Some(target), tail: None })))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, OutputState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_tail(&self) {
        self.state().tail = Some(Vec::new());
    }

    fn tail(&self) -> Vec<u8> {
        self.state().tail.take().unwrap_or_default()
    }

    fn take(&self) -> Target {
        self.state().target.take().expect("taken once")
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        if let Some(tail) = &mut state.tail {
            tail.extend_from_slice(bytes);
        }
        match &mut state.target {
            Some(target) => target.write_all(bytes).map(|()| bytes.len()),
            None => Err(io::Error::other("written after the end")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Target {
    Local { file: BufWriter<File>, temporary: PathBuf, path: PathBuf, created: Option<PathBuf> },
    Remote { engine: Arc<Engine>, upload: WriteMultipart, bytes: i64, name: String },
}

impl Target {
    fn open(engine: &Arc<Engine>, url: &str) -> Outcome<Self> {
        let (store_url, path) = parse_file_url(url)?;
        if url.starts_with("file:") {
            let path = Url::parse(url).ok().and_then(|u| u.to_file_path().ok());
            let path = path.ok_or_else(|| Failure::argument(format!("{url}: not a local path")))?;
            return Self::open_local(path);
        }
        let store = engine.env.object_store(&store_url)?;
        let upload =
            engine.block_on(store.put_multipart(&path)).map_err(|e| Failure::io(url, e))?;
        let upload = WriteMultipart::new(upload);
        Ok(Self::Remote { engine: engine.clone(), upload, bytes: 0, name: url.to_string() })
    }

    fn open_local(path: PathBuf) -> Outcome<Self> {
        let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Failure::argument(format!(
                "file://{}: not a path of a file",
                path.display()
            )));
        };
        let created = first_missing(directory);
        fs::create_dir_all(directory).map_err(|e| failed(directory, e))?;
        let temporary = directory.join(format!(".{}.tmp", name.to_string_lossy()));
        let file = File::create(&temporary).map_err(|e| failed(&temporary, e))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        Ok(Self::Local { file, temporary, path, created })
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Local { file, .. } => file.write_all(bytes),
            Self::Remote { engine, upload, bytes: written, .. } => {
                engine.block_on(upload.wait_for_capacity(UPLOADS)).map_err(io::Error::other)?;
                let _threads = engine.enter();
                upload.write(bytes);
                *written += bytes.len() as i64;
                Ok(())
            }
        }
    }

    /// Makes the file durable and visible; returns its size.
    fn finish(self) -> Outcome<i64> {
        match self {
            Self::Local { file, temporary, path, created } => {
                let finished = finish_local(file, &temporary, &path, created.as_deref());
                if finished.is_err() {
                    discard(&temporary);
                }
                finished
            }
            Self::Remote { engine, upload, bytes, name } => {
                engine.block_on(upload.finish()).map_err(|e| Failure::io(&name, e))?;
                Ok(bytes)
            }
        }
    }

    /// After a failure, which is what the caller is told of.
    fn abandon(self) {
        match self {
            Self::Local { temporary, .. } => discard(&temporary),
            Self::Remote { engine, upload, .. } => {
                // an upload that cannot be aborted expires in the store
                let _ = engine.block_on(upload.abort());
            }
        }
    }
}

fn finish_local(
    file: BufWriter<File>,
    temporary: &Path,
    path: &Path,
    created: Option<&Path>,
) -> Outcome<i64> {
    let file = file.into_inner().map_err(|e| failed(temporary, e.into_error()))?;
    file.sync_all().map_err(|e| failed(temporary, e))?;
    let bytes = file.metadata().map_err(|e| failed(temporary, e))?.len();
    fs::rename(temporary, path).map_err(|e| failed(path, e))?;
    let mut directory = path.parent();
    while let Some(d) = directory {
        File::open(d).and_then(|d| d.sync_all()).map_err(|e| failed(d, e))?;
        match created {
            // the parent of the topmost directory that was created holds its name
            Some(created) if d.starts_with(created) => directory = d.parent(),
            _ => break,
        }
    }
    Ok(bytes as i64)
}

fn first_missing(directory: &Path) -> Option<PathBuf> {
    directory.ancestors().take_while(|d| !d.exists()).last().map(Path::to_path_buf)
}

fn failed(path: &Path, error: io::Error) -> Failure {
    Failure::io(&path.display().to_string(), error)
}

/// Only a leftover: the name shows what it is, and the next attempt overwrites it.
fn discard(temporary: &Path) {
    let _ = fs::remove_file(temporary);
}
