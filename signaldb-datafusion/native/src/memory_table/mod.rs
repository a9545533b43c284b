//! A growing table of Arrow batches, each with a position.
//!
//! `stage` decodes and checks a batch, `scan` adapts batches to the declared schema, this module
//! keeps them.

mod scan;
mod stage;

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use datafusion::arrow::array::{Array, ArrayRef, new_empty_array};
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::compute::{FilterPredicate, cast, take};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;

use crate::error::{Failure, Kind, Outcome};
use crate::types::{engine_schema, is_text};

pub use scan::MemoryTableView;
pub use stage::aligned_buffer;

/// The column that every memory table has beside the declared ones.
pub const POSITION: &str = "_position";

#[derive(Debug)]
pub struct MemoryTable {
    /// The declared columns in the engine's types, then the position.
    schema: SchemaRef,
    /// Index in the schema.
    index_column: Option<usize>,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By rising position.
    batches: VecDeque<Arc<PublishedBatch>>,
    rows: i64,
    bytes: i64,
    closed: bool,
}

#[derive(Debug)]
struct PublishedBatch {
    position: i64,
    batch: Batch,
}

/// A batch in the encoding it came in.
#[derive(Debug)]
struct Batch {
    rows: usize,
    bytes: usize,
    /// One per declared column.
    columns: Vec<Source>,
    /// Of the values of the index column, sorted.
    index: Vec<u64>,
}

/// Where the values of a declared column come from.
#[derive(Debug)]
enum Source {
    Missing,
    /// Of the engine's type, or text in another encoding.
    Array(ArrayRef),
    /// A child of a dictionary of structs: `values[keys]`, gathered when it is scanned.
    Gathered {
        keys: ArrayRef,
        values: ArrayRef,
    },
}

impl Source {
    /// The values in the engine's type; with a predicate only those of the rows it selects.
    fn read(
        &self,
        data_type: &DataType,
        selected: Option<&FilterPredicate>,
    ) -> Result<ArrayRef, ArrowError> {
        let select = |array: &ArrayRef| match selected {
            Some(predicate) => predicate.filter(array),
            None => Ok(Arc::clone(array)),
        };
        match self {
            Source::Missing => Ok(new_empty_array(data_type)),
            Source::Array(array) if array.data_type() == data_type => select(array),
            Source::Array(array) => cast(&select(array)?, data_type),
            Source::Gathered { keys, values } => take(values, &select(keys)?, None),
        }
    }
}

impl Batch {
    fn may_contain(&self, hashes: &[u64]) -> bool {
        hashes.iter().any(|hash| self.index.binary_search(hash).is_ok())
    }
}

fn index_hash(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A checked batch that waits for its position.
pub struct StagedBatch {
    table: Arc<MemoryTable>,
    batch: Mutex<Option<Batch>>,
}

impl StagedBatch {
    pub fn publish(&self, position: i64) -> Outcome<()> {
        let batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner).take();
        let batch =
            batch.ok_or_else(|| Failure::argument("the batch has been published before"))?;
        self.table.insert(PublishedBatch { position, batch })
    }
}

impl MemoryTable {
    pub fn new(declared: &Schema, index_column: &str) -> Outcome<Arc<Self>> {
        let declared = engine_schema(declared);
        let index_column = match index_column {
            "" => None,
            name => Some(
                declared
                    .column_with_name(name)
                    .filter(|(_, field)| is_text(field.data_type()))
                    .ok_or_else(|| {
                        Failure::argument(format!(
                            "index column {name:?}; expected a declared string column"
                        ))
                    })?
                    .0,
            ),
        };
        let mut fields = declared.fields().to_vec();
        if declared.column_with_name(POSITION).is_some() {
            return Err(Failure::argument(format!("column {POSITION} cannot be declared")));
        }
        fields.push(Arc::new(Field::new(POSITION, DataType::Int64, false)));
        Ok(Arc::new(Self {
            schema: Arc::new(Schema::new(fields)),
            index_column,
            state: RwLock::default(),
        }))
    }

    /// Decodes and checks one IPC stream; returns the staged batch, its rows and its bytes.
    pub fn stage(self: &Arc<Self>, ipc: Buffer) -> Outcome<(StagedBatch, i64, i64)> {
        let batch = stage::stage(self, ipc)?;
        let (rows, bytes) = (batch.rows as i64, batch.bytes as i64);
        Ok((StagedBatch { table: self.clone(), batch: Mutex::new(Some(batch)) }, rows, bytes))
    }

    fn insert(&self, published: PublishedBatch) -> Outcome<()> {
        let mut state = self.write();
        if state.closed {
            return Err(Failure::new(Kind::Closed, "the memory table is closed"));
        }
        state.rows += published.batch.rows as i64;
        state.bytes += published.batch.bytes as i64;
        let place = state.batches.partition_point(|b| b.position <= published.position);
        state.batches.insert(place, Arc::new(published));
        Ok(())
    }

    pub fn drop_through(&self, position: i64) {
        let dropped = {
            let mut state = self.write();
            let end = state.batches.partition_point(|b| b.position <= position);
            let dropped: Vec<_> = state.batches.drain(..end).collect();
            state.rows -= dropped.iter().map(|b| b.batch.rows as i64).sum::<i64>();
            state.bytes -= dropped.iter().map(|b| b.batch.bytes as i64).sum::<i64>();
            dropped
        };
        drop(dropped); // freeing megabytes must not hold up readers
    }

    pub fn close(&self) {
        self.write().closed = true;
        self.drop_through(i64::MAX);
    }

    pub fn size(&self) -> [i64; 2] {
        let state = self.read();
        [state.rows, state.bytes]
    }

    /// The batches after one position and up to another.
    fn snapshot(&self, after: i64, through: i64) -> Vec<Arc<PublishedBatch>> {
        let state = self.read();
        let start = state.batches.partition_point(|b| b.position <= after);
        let end = state.batches.partition_point(|b| b.position <= through);
        if start >= end { Vec::new() } else { state.batches.range(start..end).cloned().collect() }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
