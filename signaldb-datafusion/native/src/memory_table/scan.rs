//! A scan over a snapshot of a memory table. Batches without a sought index value are skipped; of
//! the others only the columns of the filters are read for all rows, the rest for those that pass.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{BooleanArray, RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::{BatchCoalescer, FilterBuilder, FilterPredicate, and};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::cast::as_boolean_array;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, SessionState, TaskContext};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{
    BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use crate::select::{Select, column_indices};

use super::expression::Expression;
use super::{MemoryTable, PublishedBatch, Shown, index_hash};

/// The batches of a memory table in a range of positions, as a table.
#[derive(Debug)]
pub struct MemoryTableView {
    pub table: Arc<MemoryTable>,
    pub after: i64,
    pub through: i64,
}

#[async_trait]
impl TableProvider for MemoryTableView {
    fn schema(&self) -> SchemaRef {
        self.table.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| {
            if can_evaluate(filter) {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = match projection {
            Some(columns) => columns.clone(),
            None => (0..self.table.schema.fields().len()).collect(),
        };
        self.plan(state, columns, filters, self.batches(filters), limit)
    }
}

#[async_trait]
impl Select for MemoryTableView {
    fn columns(&self) -> SchemaRef {
        self.table.schema.clone()
    }

    async fn select(
        &self,
        state: &SessionState,
        columns: &[String],
        filters: &[Expr],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let table = &self.table;
        let batches = self.batches(filters);
        let columns = if columns.is_empty() {
            let all = 0..table.schema.fields().len();
            all.filter(|column| table.is_present(*column, &batches)).collect()
        } else {
            column_indices(&table.schema, columns)?
        };
        self.plan(state, columns, filters, batches, None)
    }
}

impl MemoryTableView {
    /// The batches that may have rows with these properties.
    fn batches(&self, filters: &[Expr]) -> Vec<Arc<PublishedBatch>> {
        let mut batches = self.table.snapshot(self.after, self.through);
        if let Some(name) = self.index_name() {
            for filter in filters {
                if let Some(values) = sought(filter, name) {
                    let hashes: Vec<u64> = values.into_iter().map(index_hash).collect();
                    batches.retain(|b| b.batch.may_contain(&hashes));
                }
            }
        }
        batches
    }

    /// The name under which the index column is shown.
    fn index_name(&self) -> Option<&str> {
        let index = self.table.index_column?;
        let is_index = |shown: &Shown| matches!(shown, Shown::Declared(i) if *i == index);
        let column = self.table.columns.iter().position(is_index)?;
        Some(self.table.schema.field(column).name())
    }

    fn plan(
        &self,
        state: &dyn Session,
        columns: Vec<usize>,
        filters: &[Expr],
        batches: Vec<Arc<PublishedBatch>>,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let table = &self.table;
        let schema = Arc::new(table.schema.project(&columns)?);
        let df_schema = DFSchema::try_from(table.schema.clone())?;
        let filters = filters
            .iter()
            .map(|filter| {
                let filter = state.create_physical_expr(filter.clone(), &df_schema)?;
                Expression::new(filter, &table.schema)
            })
            .collect::<Result<Arc<[Expression]>>>()?;
        let partitions = deal(batches, state.config().target_partitions())
            .into_iter()
            .map(|batches| {
                Arc::new(Partition {
                    table: table.clone(),
                    schema: schema.clone(),
                    columns: columns.clone(),
                    filters: filters.clone(),
                    batches,
                }) as Arc<dyn PartitionStream>
            })
            .collect();
        Ok(Arc::new(StreamingTableExec::try_new(schema, partitions, None, [], false, limit)?))
    }
}

/// Subqueries and the like are left to the planner.
fn can_evaluate(filter: &Expr) -> bool {
    let mut simple = !filter.is_volatile();
    let visit = filter.apply(|node| {
        simple &= !matches!(
            node,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::OuterReferenceColumn(..)
                | Expr::Placeholder(_)
        );
        Ok(TreeNodeRecursion::Continue)
    });
    simple && visit.is_ok()
}

/// The only values of a column with which a filter can be true, if it says so.
fn sought<'a>(filter: &'a Expr, column: &str) -> Option<BTreeSet<&'a str>> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            if is_column(left, column) {
                Some(BTreeSet::from([text(right)?]))
            } else if is_column(right, column) {
                Some(BTreeSet::from([text(left)?]))
            } else {
                None
            }
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let mut values = sought(left, column)?;
            values.append(&mut sought(right, column)?);
            Some(values)
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            sought(left, column).or_else(|| sought(right, column))
        }
        Expr::InList(InList { expr, list, negated: false }) if is_column(expr, column) => {
            list.iter().map(text).collect()
        }
        _ => None,
    }
}

fn is_column(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Column(column) if column.name == name)
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _)
        | Expr::Literal(ScalarValue::LargeUtf8(Some(text)), _)
        | Expr::Literal(ScalarValue::Utf8View(Some(text)), _) => Some(text),
        _ => None,
    }
}

/// Spreads batches over partitions; always at least one partition.
fn deal(batches: Vec<Arc<PublishedBatch>>, partitions: usize) -> Vec<Vec<Arc<PublishedBatch>>> {
    let partitions = partitions.min(batches.len()).max(1);
    let mut hands = Vec::new();
    hands.resize_with(partitions, Vec::new);
    for (index, batch) in batches.into_iter().enumerate() {
        hands[index % partitions].push(batch);
    }
    hands
}

#[derive(Debug)]
struct Partition {
    table: Arc<MemoryTable>,
    /// Of the projected columns.
    schema: SchemaRef,
    columns: Vec<usize>,
    filters: Arc<[Expression]>,
    batches: Vec<Arc<PublishedBatch>>,
}

impl PartitionStream for Partition {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batch_size = context.session_config().batch_size();
        let scan = Scan {
            table: self.table.clone(),
            schema: self.schema.clone(),
            columns: self.columns.clone(),
            filters: self.filters.clone(),
            batches: self.batches.clone().into(),
            coalescer: BatchCoalescer::new(self.schema.clone(), batch_size)
                .with_biggest_coalesce_batch_size(Some(batch_size / 4)),
        };
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), futures::stream::iter(scan)))
    }
}

/// Adapts a batch when it is asked for one; small ones are joined.
struct Scan {
    table: Arc<MemoryTable>,
    schema: SchemaRef,
    columns: Vec<usize>,
    filters: Arc<[Expression]>,
    batches: VecDeque<Arc<PublishedBatch>>,
    coalescer: BatchCoalescer,
}

impl Iterator for Scan {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}

impl Scan {
    fn advance(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.coalescer.next_completed_batch() {
                return Ok(Some(batch));
            }
            let Some(published) = self.batches.pop_front() else {
                self.coalescer.finish_buffered_batch()?;
                return Ok(self.coalescer.next_completed_batch());
            };
            let Some(batch) = self.read(&published)? else { continue };
            if self.columns.is_empty() {
                return Ok(Some(batch)); // only a number of rows, nothing to join
            }
            self.coalescer.push_batch(batch)?;
        }
    }

    fn read(&self, published: &PublishedBatch) -> Result<Option<RecordBatch>> {
        let Some(predicate) = selected_rows(&self.table, &self.filters, published)? else {
            return Ok(None);
        };
        let predicate = predicate.as_ref();
        let rows = predicate.map_or(published.batch.rows, FilterPredicate::count);
        let columns = self.columns.iter();
        let columns = columns.map(|column| self.table.column(*column, published, predicate));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(Some(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?))
    }
}

/// Which rows of a batch pass all filters: nothing if none does, no predicate if all do.
pub(super) fn selected_rows(
    table: &MemoryTable,
    filters: &[Expression],
    published: &PublishedBatch,
) -> Result<Option<Option<FilterPredicate>>> {
    let rows = published.batch.rows;
    let mut mask: Option<BooleanArray> = None;
    for filter in filters {
        let passed = filter.evaluate(|column| table.column(column, published, None), rows)?;
        let passed = as_boolean_array(&passed)?;
        let both = match &mask {
            Some(mask) => and(mask, passed)?,
            None => passed.clone(),
        };
        if both.true_count() == 0 {
            return Ok(None);
        }
        mask = Some(both);
    }
    if rows == 0 {
        return Ok(None);
    }
    Ok(Some(mask.map(|mask| FilterBuilder::new(&mask).optimize().build())))
}
