//! Results in the form Java's importer takes.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayData, ArrayRef, MutableArrayData, RecordBatch, RecordBatchOptions, make_array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, SchemaRef};

use crate::error::Outcome;

/// The batch in the types of `schema`, its arrays beginning at their buffers' beginnings.
pub fn plain_batch(batch: RecordBatch, schema: &SchemaRef) -> Outcome<RecordBatch> {
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| {
            let column = if column.data_type() == field.data_type() {
                Arc::clone(column)
            } else {
                cast(column, field.data_type())?
            };
            compact(column)
        })
        .collect::<Outcome<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

/// Java takes the first byte of a buffer for the first value: a slice must be copied.
fn compact(array: ArrayRef) -> Outcome<ArrayRef> {
    let data = array.to_data();
    if !is_slice(&data) {
        return Ok(array);
    }
    let mut copy = MutableArrayData::new(vec![&data], false, data.len());
    copy.try_extend(0, 0, data.len())?;
    Ok(make_array(copy.freeze()))
}

fn is_slice(data: &ArrayData) -> bool {
    let shifted = match data.data_type() {
        DataType::Utf8 | DataType::Binary | DataType::List(_) | DataType::Map(_, _) => {
            data.buffer::<i32>(0).first().is_some_and(|first| *first != 0)
        }
        DataType::LargeUtf8 | DataType::LargeBinary | DataType::LargeList(_) => {
            data.buffer::<i64>(0).first().is_some_and(|first| *first != 0)
        }
        _ => false,
    };
    data.offset() != 0 || shifted || data.child_data().iter().any(is_slice)
}
