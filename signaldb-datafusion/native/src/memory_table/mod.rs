//! A growing table of Arrow batches, each with a position.
//!
//! Batches hold the declared columns as they came; the table shows its own columns: declared ones
//! under a name, or expressions over them. `stage` decodes and checks a batch, `scan` answers
//! queries, `gather` puts rows of many batches in an order, this module keeps the batches.

mod expression;
mod gather;
mod scan;
mod stage;

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use datafusion::arrow::array::{Array, ArrayRef, Int64Array, new_null_array};
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::compute::{FilterPredicate, cast, take};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::error::Result;
use datafusion::execution::SessionState;

use crate::error::{Failure, Kind, Outcome};
use crate::types::{engine_schema, is_text};

use expression::Expression;

pub use gather::write;
pub use scan::MemoryTableView;
pub use stage::aligned_buffer;

/// The column that every memory table has beside the declared ones.
pub const POSITION: &str = "_position";

#[derive(Debug)]
pub struct MemoryTable {
    /// The declared columns, which batches hold, in the engine's types.
    declared: SchemaRef,
    columns: Vec<Shown>,
    /// The columns shown, then the position.
    schema: SchemaRef,
    /// Index among the declared columns.
    index_column: Option<usize>,
    state: RwLock<State>,
}

/// How a column of the table comes from declared ones.
#[derive(Debug)]
enum Shown {
    Declared(usize),
    Computed(Expression),
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
    /// Of the declared columns that the batch has, by their index.
    sources: Vec<(usize, Source)>,
    /// Of the values of the index column, sorted.
    index: Vec<u64>,
}

/// Where the values of a declared column come from.
#[derive(Debug)]
enum Source {
    /// Of the engine's type, or text in another encoding.
    Array(ArrayRef),
    /// A child of a dictionary of structs: `values[keys]`, gathered when it is scanned.
    Gathered { keys: ArrayRef, values: ArrayRef },
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
            Source::Array(array) if array.data_type() == data_type => select(array),
            Source::Array(array) => cast(&select(array)?, data_type),
            Source::Gathered { keys, values } => take(values, &select(keys)?, None),
        }
    }
}

impl Batch {
    fn source(&self, declared: usize) -> Option<&Source> {
        let place = self.sources.binary_search_by_key(&declared, |(index, _)| *index).ok()?;
        Some(&self.sources[place].1)
    }

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
    /// A table that shows `columns`, names with SQL expressions over the declared columns; all
    /// declared ones as they are if there are none.
    pub fn new(
        declared: &Schema,
        columns: &[(String, String)],
        index_column: &str,
        state: &SessionState,
    ) -> Outcome<Arc<Self>> {
        let declared = Arc::new(engine_schema(declared));
        let mut shown = Vec::new();
        let mut fields: Vec<Arc<Field>> = Vec::new();
        if columns.is_empty() {
            shown.extend((0..declared.fields().len()).map(Shown::Declared));
            fields.extend(declared.fields().iter().cloned());
        }
        for (name, sql) in columns {
            let expression = Expression::parse(sql, &declared, state)?;
            let field = expression.field(name)?;
            fields.push(Arc::new(field));
            shown.push(match expression.only_column() {
                Some(index) => Shown::Declared(index),
                None => Shown::Computed(expression),
            });
        }
        if fields.iter().any(|field| field.name() == POSITION) {
            return Err(Failure::argument(format!("column {POSITION} cannot be declared")));
        }
        fields.push(Arc::new(Field::new(POSITION, DataType::Int64, false)));
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
        Ok(Arc::new(Self {
            declared,
            columns: shown,
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

    /// Whether some of the batches may have values in a column of the table.
    fn is_present(&self, column: usize, batches: &[Arc<PublishedBatch>]) -> bool {
        let has = |declared: &usize| batches.iter().any(|b| b.batch.source(*declared).is_some());
        match self.columns.get(column) {
            None => true, // the position
            Some(Shown::Declared(index)) => has(index),
            Some(Shown::Computed(expression)) => expression.columns.iter().any(has),
        }
    }

    /// The values of a column of the table in one batch; with a predicate only those of the rows it
    /// selects.
    fn column(
        &self,
        column: usize,
        published: &PublishedBatch,
        selected: Option<&FilterPredicate>,
    ) -> Result<ArrayRef> {
        let rows = selected.map_or(published.batch.rows, FilterPredicate::count);
        let declared = |index: usize| {
            let data_type = self.declared.field(index).data_type();
            match published.batch.source(index) {
                None => Ok(new_null_array(data_type, rows)),
                Some(source) => Ok(source.read(data_type, selected)?),
            }
        };
        match self.columns.get(column) {
            None => Ok(Arc::new(Int64Array::from_value(published.position, rows))),
            Some(Shown::Declared(index)) => declared(*index),
            Some(Shown::Computed(expression)) => expression.evaluate(declared, rows),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
