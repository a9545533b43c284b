//! Batches that Java has read, copied into native memory.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{
    ArrayData, RecordBatch, RecordBatchOptions, RecordBatchReader, make_array,
};
use datafusion::arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::arrow::ffi_stream::ArrowArrayStreamReader;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use crate::error::{Failure, Kind, Outcome};

#[derive(Debug)]
pub struct ReaderTable {
    batches: MemTable,
    _reservation: MemoryReservation,
}

impl ReaderTable {
    pub fn read(reader: ArrowArrayStreamReader, pool: &Arc<dyn MemoryPool>) -> Outcome<Self> {
        let schema = reader.schema();
        Self::read_as(schema, reader, pool)
    }

    /// As a part of a table with these columns: those that the reader has, in their types.
    pub fn read_part(
        table: &Schema,
        reader: ArrowArrayStreamReader,
        pool: &Arc<dyn MemoryPool>,
    ) -> Outcome<Self> {
        let has = reader.schema();
        let field = |field: &FieldRef| match table.field_with_name(field.name()) {
            Ok(column) => Ok(column.clone()),
            Err(_) => Err(Failure::argument(format!(
                "column {:?} of the reader is not one of the table",
                field.name()
            ))),
        };
        let fields = has.fields().iter().map(field).collect::<Outcome<Vec<_>>>()?;
        Self::read_as(Arc::new(Schema::new(fields)), reader, pool)
    }

    fn read_as(
        schema: SchemaRef,
        reader: ArrowArrayStreamReader,
        pool: &Arc<dyn MemoryPool>,
    ) -> Outcome<Self> {
        let reservation = MemoryConsumer::new("registered reader").register(pool);
        let mut batches = Vec::new();
        for batch in reader {
            let batch = batch.map_err(|e| Failure::new(Kind::Io, e.to_string()))?;
            reservation.try_grow(batch.get_array_memory_size())?;
            batches.push(converted(copy(&batch)?, &schema)?);
        }
        let batches = MemTable::try_new(schema, vec![batches])?;
        Ok(Self { batches, _reservation: reservation })
    }
}

/// Java's memory must not be referenced after the call: its owner may close it.
fn copy(batch: &RecordBatch) -> Outcome<RecordBatch> {
    let columns = batch.columns().iter().map(|c| make_array(copy_data(&c.to_data())));
    Ok(RecordBatch::try_new(batch.schema(), columns.collect())?)
}

fn converted(batch: RecordBatch, schema: &SchemaRef) -> Outcome<RecordBatch> {
    if batch.schema() == *schema {
        return Ok(batch);
    }
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        if column.data_type() == field.data_type() {
            Ok(Arc::clone(column))
        } else {
            cast(column, field.data_type())
        }
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

fn copy_data(data: &ArrayData) -> ArrayData {
    let nulls = data.nulls().map(|nulls| {
        let bits = nulls.inner();
        let bytes = Buffer::from(bits.values());
        NullBuffer::new(BooleanBuffer::new(bytes, bits.offset(), bits.len()))
    });
    let builder = ArrayData::builder(data.data_type().clone())
        .len(data.len())
        .offset(data.offset())
        .nulls(nulls)
        .buffers(data.buffers().iter().map(|b| Buffer::from(b.as_slice())).collect())
        .child_data(data.child_data().iter().map(copy_data).collect());
    // SAFETY: byte for byte the arrays that the import has accepted.
    unsafe { builder.build_unchecked() }
}

#[async_trait]
impl TableProvider for ReaderTable {
    fn schema(&self) -> SchemaRef {
        self.batches.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.batches.scan(state, projection, filters, limit).await
    }
}
