//! An expression over some columns of a schema, evaluated batch by batch.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};

use crate::error::Outcome;
use crate::select::simplified;

#[derive(Debug)]
pub(super) struct Expression {
    expr: Arc<dyn PhysicalExpr>,
    /// The columns it names, as indices in the schema it was made for.
    pub columns: Vec<usize>,
    /// Of these columns only.
    schema: SchemaRef,
}

impl Expression {
    pub fn new(expr: Arc<dyn PhysicalExpr>, whole: &Schema) -> Result<Self> {
        let columns: BTreeSet<usize> = collect_columns(&expr).iter().map(|c| c.index()).collect();
        let columns: Vec<usize> = columns.into_iter().collect();
        let schema = Arc::new(whole.project(&columns)?);
        let expr = reassign_expr_columns(expr, &schema)?;
        Ok(Self { expr, columns, schema })
    }

    pub fn parse(sql: &str, whole: &SchemaRef, state: &SessionState) -> Outcome<Self> {
        let df_schema = DFSchema::try_from(whole.clone())?;
        let logical = state.create_logical_expr(sql, &df_schema)?;
        let logical = simplified(logical, &df_schema, state)?;
        let expr = state.create_physical_expr(logical, &df_schema)?;
        Ok(Self::new(expr, whole)?)
    }

    pub fn field(&self, name: &str) -> Outcome<Field> {
        let data_type = self.expr.data_type(&self.schema)?;
        Ok(Field::new(name, data_type, self.expr.nullable(&self.schema)?))
    }

    /// The column that the expression is nothing but.
    pub fn only_column(&self) -> Option<usize> {
        self.expr.downcast_ref::<Column>().map(|column| self.columns[column.index()])
    }

    /// The values for `rows` rows whose columns are asked for by their index.
    pub fn evaluate(
        &self,
        column: impl Fn(usize) -> Result<ArrayRef>,
        rows: usize,
    ) -> Result<ArrayRef> {
        let arrays = self.columns.iter().map(|index| column(*index)).collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let input = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)?;
        self.expr.evaluate(&input)?.into_array(rows)
    }
}
