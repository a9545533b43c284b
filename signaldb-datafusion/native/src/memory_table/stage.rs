//! From the bytes of an Arrow IPC stream to a checked batch. The bytes come from the network: every
//! malformation must be an error, and nothing may be allocated on the word of a length field.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, StringArray, StructArray, make_array,
};
use datafusion::arrow::buffer::{Buffer, MutableBuffer, NullBuffer};
use datafusion::arrow::compute::{CastOptions, can_cast_types, cast_with_options, take};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::ipc::reader::StreamDecoder;

use super::{Batch, MemoryTable, Source, index_hash};
use crate::error::{Failure, Outcome, refusing_panics};
use crate::types::is_text;

/// What the bookkeeping of an array takes beside its values, about.
const SOURCE_BYTES: usize = 320;

/// Bytes at an address that suits every Arrow type, so that arrays can lie in them.
pub fn aligned_buffer(
    length: usize,
    fill: impl FnOnce(&mut [u8]) -> Outcome<()>,
) -> Outcome<Buffer> {
    let mut bytes = MutableBuffer::from_len_zeroed(length);
    fill(bytes.as_slice_mut())?;
    Ok(bytes.into())
}

pub(super) fn stage(table: &MemoryTable, ipc: Buffer) -> Outcome<Batch> {
    let ipc_bytes = ipc.len();
    let batch = refusing_panics(|| decode(ipc)).map_err(malformed)??;
    let rows = batch.num_rows();
    let mut sources: Vec<(usize, Source)> = Vec::with_capacity(2 * batch.num_columns());
    let mut put = |name: &str, source: Source| -> Outcome<()> {
        let Ok(index) = table.declared.index_of(name) else {
            return Err(Failure::argument(format!("column {name:?} is not declared")));
        };
        sources.push((index, adapt(table.declared.field(index), source)?));
        Ok(())
    };
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        check_type(field, true)?;
        match field.data_type() {
            DataType::Dictionary(_, value) if matches!(**value, DataType::Struct(_)) => {
                hoist(array, &mut put)?
            }
            _ => put(field.name(), Source::Array(array.clone()))?,
        }
    }
    if batch.num_columns() == 0 && rows > 0 {
        return Err(malformed(format!("{rows} rows without columns")));
    }
    sources.sort_unstable_by_key(|(index, _)| *index);
    if let Some(twice) = sources.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let name = table.declared.field(twice[0].0).name();
        return Err(Failure::argument(format!("column {name:?} appears twice")));
    }
    sources.shrink_to_fit();
    check_required(table, &sources, rows)?;
    let index = index_of(table, &sources)?;
    let bytes = ipc_bytes + sources.len() * SOURCE_BYTES + index.len() * size_of::<u64>();
    Ok(Batch { rows, bytes, sources, index })
}

fn malformed(why: impl std::fmt::Display) -> Failure {
    Failure::argument(format!("malformed Arrow IPC stream: {why}"))
}

fn decode(mut ipc: Buffer) -> Outcome<RecordBatch> {
    let mut decoder = StreamDecoder::new();
    let mut found = None;
    while !ipc.is_empty() {
        let Some(batch) = decoder.decode(&mut ipc).map_err(malformed)? else { continue };
        if found.replace(batch).is_some() {
            return Err(malformed("more than one record batch; expected exactly one"));
        }
    }
    decoder.finish().map_err(malformed)?;
    found.ok_or_else(|| malformed("no record batch; expected exactly one"))
}

/// Types whose length is not bounded by their bytes are not let in.
fn check_type(field: &Field, top: bool) -> Outcome<()> {
    use DataType::*;
    let refuse = || {
        Err(Failure::argument(format!(
            "column {:?} has type {}; expected numbers, strings, binary, timestamps, lists, maps, \
             structs, or dictionaries of strings or at top level of structs",
            field.name(),
            field.data_type()
        )))
    };
    match field.data_type() {
        Boolean
        | Int8
        | Int16
        | Int32
        | Int64
        | UInt8
        | UInt16
        | UInt32
        | UInt64
        | Float32
        | Float64
        | Utf8
        | LargeUtf8
        | Binary
        | LargeBinary
        | Timestamp(_, _)
        | Date32 => Ok(()),
        Dictionary(_, value) => match value.as_ref() {
            Utf8 | LargeUtf8 => Ok(()),
            Struct(children) if top => children.iter().try_for_each(|c| check_type(c, false)),
            _ => refuse(),
        },
        List(child) | Map(child, _) => check_type(child, false),
        Struct(children) if !children.is_empty() => {
            children.iter().try_for_each(|c| check_type(c, false))
        }
        _ => refuse(),
    }
}

/// The children of a dictionary of structs as columns of their own.
fn hoist(array: &ArrayRef, put: &mut impl FnMut(&str, Source) -> Outcome<()>) -> Outcome<()> {
    let dictionary = array.as_any_dictionary();
    let structs = dictionary.values().as_struct();
    let keys = make_array(dictionary.keys().to_data());
    for (index, field) in structs.fields().iter().enumerate() {
        let values = child(structs, index);
        let source = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => Source::Array(dictionary.with_values(values)),
            _ => Source::Gathered { keys: keys.clone(), values },
        };
        put(field.name(), source)?;
    }
    Ok(())
}

/// A child of structs, null where its struct is.
fn child(structs: &StructArray, index: usize) -> ArrayRef {
    let child = structs.column(index);
    match structs.nulls() {
        None => child.clone(),
        Some(nulls) => {
            let nulls = NullBuffer::union(Some(nulls), child.nulls());
            let data = child.to_data().into_builder().nulls(nulls);
            // SAFETY: only validity has changed, and only from valid to null.
            make_array(unsafe { data.build_unchecked() })
        }
    }
}

/// Brings a source to the declared type, text in whatever encoding being good enough.
fn adapt(field: &Field, source: Source) -> Outcome<Source> {
    Ok(match source {
        Source::Array(array) => {
            if is_text(array.data_type()) && is_text(field.data_type()) {
                Source::Array(array)
            } else {
                Source::Array(convert(field, array)?)
            }
        }
        Source::Gathered { keys, values } => {
            Source::Gathered { keys, values: convert(field, values)? }
        }
    })
}

fn convert(field: &Field, array: ArrayRef) -> Outcome<ArrayRef> {
    let (from, to) = (array.data_type(), field.data_type());
    if from == to {
        return Ok(array);
    }
    let fits = can_cast_types(from, to)
        && is_text(from) == is_text(to)
        && !(from.is_floating() && !to.is_floating());
    if !fits {
        return Err(Failure::argument(format!(
            "column {:?} has type {from}; expected {to}",
            field.name()
        )));
    }
    let strict = CastOptions { safe: false, ..Default::default() };
    cast_with_options(&array, to, &strict)
        .map_err(|e| Failure::argument(format!("column {:?}: {e}", field.name())))
}

fn check_required(table: &MemoryTable, sources: &[(usize, Source)], rows: usize) -> Outcome<()> {
    let found = |column: usize| sources.iter().find(|(index, _)| *index == column);
    for (column, field) in table.declared.fields().iter().enumerate() {
        if field.is_nullable() || rows == 0 {
            continue;
        }
        let nulls = match found(column).map(|(_, source)| source) {
            None => {
                return Err(Failure::argument(format!(
                    "column {:?} is missing; expected a value in every row",
                    field.name()
                )));
            }
            Some(Source::Array(array)) => array.logical_null_count(),
            Some(Source::Gathered { keys, values }) if values.null_count() == 0 => {
                keys.null_count()
            }
            Some(Source::Gathered { keys, values }) => take(values, keys, None)?.null_count(),
        };
        if nulls > 0 {
            return Err(Failure::argument(format!(
                "column {:?} is null in {nulls} of {rows} rows; expected a value in every row",
                field.name()
            )));
        }
    }
    Ok(())
}

fn index_of(table: &MemoryTable, sources: &[(usize, Source)]) -> Outcome<Vec<u64>> {
    let Some(column) = table.index_column else { return Ok(Vec::new()) };
    let Some((_, source)) = sources.iter().find(|(index, _)| *index == column) else {
        return Ok(Vec::new());
    };
    let text = match source {
        // values that no row uses do no harm
        Source::Array(array) => match array.as_any_dictionary_opt() {
            Some(dictionary) => Source::Array(dictionary.values().clone()),
            None => Source::Array(array.clone()),
        },
        Source::Gathered { values, .. } => Source::Array(values.clone()),
    };
    let text = text.read(&DataType::Utf8, None)?;
    let text: &StringArray = text.as_string();
    let mut hashes: Vec<u64> = text.iter().flatten().map(index_hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.shrink_to_fit();
    Ok(hashes)
}
