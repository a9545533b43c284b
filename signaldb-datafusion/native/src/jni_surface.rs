//! The functions of `Native.java`. Each body runs in `guard`, which turns a failure or a panic into
//! a `DataFusionException`.

use std::any::Any;
use std::ptr;
use std::sync::Arc;

use datafusion::arrow::array::{Array, StructArray};
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use datafusion::arrow::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use jni::errors::ErrorPolicy;
use jni::objects::{JByteArray, JByteBuffer, JClass, JLongArray, JObjectArray, JString};
use jni::strings::JNIString;
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, EnvUnowned, jni_str};

use crate::error::{Failure, Outcome};
use crate::file_table::{FileTable, files_with, present_columns};
use crate::handles::{ENGINES, MEMORY_TABLES, QUERIES, SESSIONS, STAGED_BATCHES};
use crate::map_entries::MapEntries;
use crate::memory_table::{self, MemoryTable, MemoryTableView, aligned_buffer};
use crate::params;
use crate::parquet_writer::{self, WriteOptions, Written};
use crate::query::{Query, Question, Scan};
use crate::reader_table::ReaderTable;
use crate::runtime::Engine;
use crate::session::Session;
use crate::union_table::UnionTable;

struct ThrowPolicy;

impl<T: Default> ErrorPolicy<T, Failure> for ThrowPolicy {
    type Captures<'a: 'b, 'b> = ();

    fn on_error<'a: 'b, 'b>(
        env: &mut Env<'a>,
        _captures: &mut (),
        failure: Failure,
    ) -> jni::errors::Result<T> {
        throw(env, failure)
    }

    fn on_panic<'a: 'b, 'b>(
        env: &mut Env<'a>,
        _captures: &mut (),
        payload: Box<dyn Any + Send + 'static>,
    ) -> jni::errors::Result<T> {
        throw(env, Failure::panic(payload))
    }
}

fn throw<T: Default>(env: &mut Env<'_>, failure: Failure) -> jni::errors::Result<T> {
    if !env.exception_check() {
        let text = JNIString::new(failure.to_string());
        // throw_new reports the exception it has thrown as an error
        let _ = env.throw_new(jni_str!("io/signaldb/datafusion/DataFusionException"), text);
    }
    Ok(T::default())
}

fn guard<'l, T: Default>(
    mut env: EnvUnowned<'l>,
    body: impl FnOnce(&mut Env<'l>) -> Outcome<T>,
) -> T {
    env.with_env(body).resolve::<ThrowPolicy>()
}

fn string(env: &mut Env<'_>, text: &JString) -> Outcome<String> {
    Ok(text.try_to_string(env)?)
}

fn strings(env: &mut Env<'_>, array: &JObjectArray<JString>) -> Outcome<Vec<String>> {
    (0..array.len(env)?)
        .map(|index| {
            let element = array.get_element(env, index)?;
            let text = element.try_to_string(env)?;
            env.delete_local_ref(element);
            Ok(text)
        })
        .collect()
}

fn pairs(env: &mut Env<'_>, array: &JObjectArray<JString>) -> Outcome<Vec<(String, String)>> {
    let flat = strings(env, array)?;
    Ok(flat.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
}

fn bytes(env: &mut Env<'_>, array: &JByteArray) -> Outcome<Vec<u8>> {
    Ok(env.convert_byte_array(array)?)
}

fn sql_text(env: &mut Env<'_>, sql: &JByteArray) -> Outcome<String> {
    String::from_utf8(bytes(env, sql)?)
        .map_err(|e| Failure::argument(format!("SQL is not UTF-8: {e}")))
}

fn longs(env: &mut Env<'_>, array: &JLongArray) -> Outcome<Vec<i64>> {
    let mut values = vec![0; array.len(env)?];
    array.get_region(env, 0, &mut values)?;
    Ok(values)
}

fn long_array<'l>(env: &mut Env<'l>, values: &[i64]) -> Outcome<JLongArray<'l>> {
    let array = JLongArray::new(env, values.len())?;
    array.set_region(env, 0, values)?;
    Ok(array)
}

/// Takes over a schema that Java has exported.
fn import_schema(address: jlong) -> Outcome<Schema> {
    // SAFETY: Java passes the address of an ArrowSchema that it has filled and keeps alive.
    let exported = unsafe { FFI_ArrowSchema::from_raw(address as *mut FFI_ArrowSchema) };
    Schema::try_from(&exported).map_err(|e| Failure::argument(format!("schema: {e}")))
}

/// Takes over a reader that Java has exported.
fn import_stream(address: jlong) -> Outcome<ArrowArrayStreamReader> {
    // SAFETY: Java passes the address of an ArrowArrayStream that it has filled.
    let reader = unsafe { ArrowArrayStreamReader::from_raw(address as *mut FFI_ArrowArrayStream) };
    reader.map_err(|e| Failure::argument(format!("reader: {e}")))
}

/// Fills an empty ArrowSchema, whose address Java passes.
fn export_schema(schema: &Schema, address: jlong) -> Outcome<()> {
    let exported = FFI_ArrowSchema::try_from(schema)?;
    // SAFETY: see above.
    unsafe { ptr::write_unaligned(address as *mut FFI_ArrowSchema, exported) };
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_sourcesHash<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
) -> JString<'l> {
    guard(env, |env| Ok(env.new_string(option_env!("SIGNALDB_SOURCES_HASH").unwrap_or("unknown"))?))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_openRuntime<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    memory_bytes: jlong,
    spill_directory: JString<'l>,
    threads: jint,
    settings: JObjectArray<'l, JString<'l>>,
) -> jlong {
    guard(env, |env| {
        let spill = string(env, &spill_directory)?;
        let settings = pairs(env, &settings)?;
        let engine = Engine::open(memory_bytes as usize, &spill, threads as usize, &settings)?;
        Ok(ENGINES.insert(engine))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_closeRuntime<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
) {
    guard(env, |_| {
        if let Some(engine) = ENGINES.remove(runtime) {
            engine.closed.cancel();
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_runtimeStats<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
) -> JLongArray<'l> {
    guard(env, |env| {
        let [reserved, spilled, tasks, cached] = ENGINES.get(runtime)?.stats();
        let handles = [SESSIONS.len(), QUERIES.len(), MEMORY_TABLES.len(), STAGED_BATCHES.len()];
        let [sessions, queries, tables, staged] = handles;
        long_array(env, &[reserved, spilled, tasks, cached, sessions, queries, tables, staged])
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_registerS3<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
    url: JString<'l>,
    options: JObjectArray<'l, JString<'l>>,
) {
    guard(env, |env| {
        let (url, options) = (string(env, &url)?, pairs(env, &options)?);
        ENGINES.get(runtime)?.register_s3(&url, &options)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_presentColumns<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
    urls: JObjectArray<'l, JString<'l>>,
    sizes: JLongArray<'l>,
) -> JString<'l> {
    guard(env, |env| {
        let engine = ENGINES.get(runtime)?;
        let (urls, sizes) = (strings(env, &urls)?, longs(env, &sizes)?);
        let names = engine.block_on(present_columns(&engine.env, &urls, &sizes))?;
        let names: Vec<String> = names.into_iter().collect();
        Ok(env.new_string(names.join("\n"))?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_filesWith<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
    urls: JObjectArray<'l, JString<'l>>,
    sizes: JLongArray<'l>,
    column: JString<'l>,
    values: JObjectArray<'l, JString<'l>>,
) -> JLongArray<'l> {
    guard(env, |env| {
        let engine = ENGINES.get(runtime)?;
        let (urls, sizes) = (strings(env, &urls)?, longs(env, &sizes)?);
        let (column, values) = (string(env, &column)?, strings(env, &values)?);
        let files = engine.block_on(files_with(&engine, &urls, &sizes, &column, &values))?;
        long_array(env, &files)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_openSession<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
) -> jlong {
    guard(env, |_| Ok(SESSIONS.insert(Session::new(ENGINES.get(runtime)?))))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_openSessionOf<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
    catalog: JString<'l>,
    schema: JString<'l>,
    entries: JObjectArray<'l, JString<'l>>,
) -> jlong {
    guard(env, |env| {
        let (catalog, schema) = (string(env, &catalog)?, string(env, &schema)?);
        let entries = MapEntries::new(&strings(env, &entries)?);
        let session = Session::with_defaults(ENGINES.get(runtime)?, catalog, schema, entries);
        Ok(SESSIONS.insert(session))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_closeSession<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
) {
    guard(env, |_| {
        SESSIONS.remove(session);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_registerParquet<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    name: JObjectArray<'l, JString<'l>>,
    schema: jlong,
    urls: JObjectArray<'l, JString<'l>>,
    sizes: JLongArray<'l>,
    sorted_by: JObjectArray<'l, JString<'l>>,
) {
    guard(env, |env| {
        let schema = import_schema(schema)?;
        let session = SESSIONS.get(session)?;
        let (urls, sizes) = (strings(env, &urls)?, longs(env, &sizes)?);
        let sorted_by = strings(env, &sorted_by)?;
        let table = FileTable::new(&schema, &urls, &sizes, &sorted_by)?;
        session.register_selectable(&strings(env, &name)?, Arc::new(table))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_registerMemoryTable<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    name: JObjectArray<'l, JString<'l>>,
    table: jlong,
    after: jlong,
    through: jlong,
) {
    guard(env, |env| {
        let session = SESSIONS.get(session)?;
        let table = Arc::clone(&*MEMORY_TABLES.get(table)?);
        let view = MemoryTableView { table, after, through };
        session.register_selectable(&strings(env, &name)?, Arc::new(view))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_registerStream<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    name: JObjectArray<'l, JString<'l>>,
    stream: jlong,
) {
    guard(env, |env| {
        let reader = import_stream(stream)?;
        let session = SESSIONS.get(session)?;
        let table = ReaderTable::read(reader, &session.engine.env.memory_pool)?;
        session.register(&strings(env, &name)?, Arc::new(table))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_registerUnion<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    name: JObjectArray<'l, JString<'l>>,
    schema: jlong,
) {
    guard(env, |env| {
        let table = UnionTable::new(&import_schema(schema)?);
        SESSIONS.get(session)?.register_union(&strings(env, &name)?, Arc::new(table))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_addParquet<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    name: JObjectArray<'l, JString<'l>>,
    urls: JObjectArray<'l, JString<'l>>,
    sizes: JLongArray<'l>,
    sorted_by: JObjectArray<'l, JString<'l>>,
) {
    guard(env, |env| {
        let table = SESSIONS.get(session)?.union(&strings(env, &name)?)?;
        let (urls, sizes) = (strings(env, &urls)?, longs(env, &sizes)?);
        let sorted_by = strings(env, &sorted_by)?;
        table.add(Arc::new(FileTable::new(table.columns(), &urls, &sizes, &sorted_by)?));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_addStream<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    name: JObjectArray<'l, JString<'l>>,
    stream: jlong,
) {
    guard(env, |env| {
        let reader = import_stream(stream)?;
        let session = SESSIONS.get(session)?;
        let table = session.union(&strings(env, &name)?)?;
        let pool = &session.engine.env.memory_pool;
        table.add(Arc::new(ReaderTable::read_part(table.columns(), reader, pool)?));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_deregister<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    name: JObjectArray<'l, JString<'l>>,
) {
    guard(env, |env| SESSIONS.get(session)?.deregister(&strings(env, &name)?))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_createQuery<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    sql: JByteArray<'l>,
    params: JByteArray<'l>,
) -> jlong {
    guard(env, |env| {
        let session = SESSIONS.get(session)?;
        let question = Question::Sql(sql_text(env, &sql)?);
        let params = params::decode(&bytes(env, &params)?)?;
        Ok(QUERIES.insert(Query::new(&session, question, params)))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_createSelect<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    session: jlong,
    table: JObjectArray<'l, JString<'l>>,
    columns: JObjectArray<'l, JString<'l>>,
    condition: JByteArray<'l>,
    params: JByteArray<'l>,
) -> jlong {
    guard(env, |env| {
        let session = SESSIONS.get(session)?;
        let question = Question::Select {
            table: session.selectable(&strings(env, &table)?)?,
            columns: strings(env, &columns)?,
            condition: sql_text(env, &condition)?,
        };
        let params = params::decode(&bytes(env, &params)?)?;
        Ok(QUERIES.insert(Query::new(&session, question, params)))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_executeQuery<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    query: jlong,
    schema: jlong,
) {
    guard(env, |_| {
        let answer = QUERIES.get(query)?.execute()?;
        export_schema(&answer, schema)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_describeQuery<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    query: jlong,
    placeholders: jlong,
    answer: jlong,
) {
    guard(env, |_| {
        let described = QUERIES.get(query)?.describe()?;
        export_schema(&described.0, placeholders)?;
        export_schema(&described.1, answer)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_queryScans<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    query: jlong,
) -> JString<'l> {
    guard(env, |env| {
        let scans = QUERIES.get(query)?.scans()?;
        let line = |scan: Scan| [&scan.table[..], &scan.columns[..]].concat().join("\t");
        let lines: Vec<String> = scans.into_iter().map(line).collect();
        Ok(env.new_string(lines.join("\n"))?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_nextBatch<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    query: jlong,
    array: jlong,
) -> jboolean {
    guard(env, |_| {
        let Some(batch) = QUERIES.get(query)?.next_batch()? else { return Ok(false) };
        let exported = FFI_ArrowArray::new(&StructArray::from(batch).to_data());
        // SAFETY: Java passes the address of an empty ArrowArray.
        unsafe { ptr::write_unaligned(array as *mut FFI_ArrowArray, exported) };
        Ok(true)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_cancelQuery<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    query: jlong,
) {
    guard(env, |_| {
        // a query that has been closed has been cancelled by that
        if let Ok(query) = QUERIES.get(query) {
            query.cancel.cancel();
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_closeQuery<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    query: jlong,
) {
    guard(env, |_| {
        if let Some(query) = QUERIES.remove(query) {
            query.cancel.cancel();
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_queryMetrics<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    query: jlong,
) -> JString<'l> {
    guard(env, |env| Ok(env.new_string(QUERIES.get(query)?.metrics())?))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_writeParquet<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    query: jlong,
    url: JString<'l>,
    schema: jlong,
    names: JObjectArray<'l, JObjectArray<'l, JString<'l>>>,
    numbers: JLongArray<'l>,
    rows_and_bytes: JLongArray<'l>,
) -> JByteArray<'l> {
    guard(env, |env| {
        let options = write_options(env, schema, &names, &numbers)?;
        let query = QUERIES.get(query)?;
        let url = string(env, &url)?;
        let written = parquet_writer::write(&query, &url, &options)?;
        written_file(env, written, &rows_and_bytes)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_writeMemoryTable<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
    table: jlong,
    after: jlong,
    through: jlong,
    condition: JByteArray<'l>,
    url: JString<'l>,
    schema: jlong,
    names: JObjectArray<'l, JObjectArray<'l, JString<'l>>>,
    numbers: JLongArray<'l>,
    rows_and_bytes: JLongArray<'l>,
) -> JByteArray<'l> {
    guard(env, |env| {
        let options = write_options(env, schema, &names, &numbers)?;
        let engine = ENGINES.get(runtime)?;
        let table = MEMORY_TABLES.get(table)?;
        let (condition, url) = (sql_text(env, &condition)?, string(env, &url)?);
        let range = (after, through);
        let written = memory_table::write(&engine, &table, range, &condition, &url, &options)?;
        written_file(env, written, &rows_and_bytes)
    })
}

/// In the order of `ParquetWriteOptions.java`.
fn write_options<'l>(
    env: &mut Env<'l>,
    schema: jlong,
    names: &JObjectArray<'l, JObjectArray<'l, JString<'l>>>,
    numbers: &JLongArray<'l>,
) -> Outcome<WriteOptions> {
    let schema = import_schema(schema)?;
    let mut list = |index: usize| {
        let names = names.get_element(env, index)?;
        strings(env, &names)
    };
    let (sort_by, bloom_filter_columns, plain_columns) = (list(0)?, list(1)?, list(2)?);
    let numbers = longs(env, numbers)?;
    let [zstd_level, row_group_rows, page_rows, presorted, drop_null_columns] = numbers[..] else {
        return Err(Failure::argument("expected five numbers"));
    };
    Ok(WriteOptions {
        schema,
        sort_by,
        presorted: presorted != 0,
        drop_null_columns: drop_null_columns != 0,
        bloom_filter_columns,
        plain_columns,
        zstd_level: zstd_level as i32,
        row_group_rows: row_group_rows as usize,
        page_rows: page_rows as usize,
    })
}

fn written_file<'l>(
    env: &mut Env<'l>,
    written: Written,
    rows_and_bytes: &JLongArray<'l>,
) -> Outcome<JByteArray<'l>> {
    rows_and_bytes.set_region(env, 0, &[written.rows, written.bytes])?;
    Ok(env.byte_array_from_slice(&written.footer)?)
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_createMemoryTable<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    runtime: jlong,
    schema: jlong,
    columns: JObjectArray<'l, JString<'l>>,
    index_column: JString<'l>,
) -> jlong {
    guard(env, |env| {
        let schema = import_schema(schema)?;
        let engine = ENGINES.get(runtime)?; // a closed one is refused
        let columns = pairs(env, &columns)?;
        let index_column = string(env, &index_column)?;
        let table = MemoryTable::new(&schema, &columns, &index_column, &engine.template)?;
        Ok(MEMORY_TABLES.insert(table))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_closeMemoryTable<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    table: jlong,
) {
    guard(env, |_| {
        if let Some(table) = MEMORY_TABLES.remove(table) {
            table.close();
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_dropThrough<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    table: jlong,
    position: jlong,
) {
    guard(env, |_| {
        MEMORY_TABLES.get(table)?.drop_through(position);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_memoryTableSize<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    table: jlong,
) -> JLongArray<'l> {
    guard(env, |env| long_array(env, &MEMORY_TABLES.get(table)?.size()))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_stageDirect<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    table: jlong,
    ipc: JByteBuffer<'l>,
    offset: jint,
    length: jint,
    size: JLongArray<'l>,
) -> jlong {
    guard(env, |env| {
        let capacity = env.get_direct_buffer_capacity(&ipc)?;
        let address = env.get_direct_buffer_address(&ipc)?;
        let (offset, length) = (offset as usize, length as usize);
        if offset.checked_add(length).is_none_or(|end| end > capacity) {
            return Err(Failure::argument("range outside of the buffer"));
        }
        let buffer = aligned_buffer(length, |bytes| {
            // SAFETY: the range has been checked and Java keeps the buffer reachable.
            unsafe { ptr::copy_nonoverlapping(address.add(offset), bytes.as_mut_ptr(), length) };
            Ok(())
        })?;
        stage(env, table, buffer, size)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_stageArray<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    table: jlong,
    ipc: JByteArray<'l>,
    offset: jint,
    length: jint,
    size: JLongArray<'l>,
) -> jlong {
    guard(env, |env| {
        let buffer = aligned_buffer(length as usize, |bytes| {
            // SAFETY: bytes are bytes, signed or not.
            let signed = unsafe {
                std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast::<i8>(), bytes.len())
            };
            Ok(ipc.get_region(env, offset, signed)?)
        })?;
        stage(env, table, buffer, size)
    })
}

fn stage(
    env: &mut Env<'_>,
    table: jlong,
    ipc: datafusion::arrow::buffer::Buffer,
    size: JLongArray<'_>,
) -> Outcome<jlong> {
    let (staged, rows, bytes) = MEMORY_TABLES.get(table)?.stage(ipc)?;
    size.set_region(env, 0, &[rows, bytes])?;
    Ok(STAGED_BATCHES.insert(staged))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_publish<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    staged: jlong,
    position: jlong,
) {
    guard(env, |_| STAGED_BATCHES.get(staged)?.publish(position))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_signaldb_datafusion_Native_closeStaged<'l>(
    env: EnvUnowned<'l>,
    _class: JClass<'l>,
    staged: jlong,
) {
    guard(env, |_| {
        STAGED_BATCHES.remove(staged);
        Ok(())
    })
}
