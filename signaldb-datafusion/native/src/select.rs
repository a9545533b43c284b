//! Rows of one table by a condition, without the planner: a query of many columns for few rows takes
//! longer to plan than to run.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::Schema;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, ScalarValue, plan_datafusion_err, plan_err};
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::utils::split_conjunction_owned;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_plan::ExecutionPlan;

/// A table that evaluates conditions by itself.
#[async_trait]
pub trait Select: Debug + Send + Sync {
    fn columns(&self) -> Arc<Schema>;

    /// Exactly the rows that fulfil all filters. Without names all columns, but those in which no
    /// such row can have a value.
    async fn select(
        &self,
        state: &SessionState,
        columns: &[String],
        filters: &[Expr],
    ) -> Result<Arc<dyn ExecutionPlan>>;
}

pub async fn plan(
    table: &dyn Select,
    state: &SessionState,
    columns: &[String],
    condition: &str,
    params: &[ScalarValue],
) -> Result<Arc<dyn ExecutionPlan>> {
    let filters = match condition {
        "" => Vec::new(),
        sql => {
            let schema = DFSchema::try_from(table.columns())?;
            let bound = bind(state.create_logical_expr(sql, &schema)?, params)?;
            split_conjunction_owned(simplified(bound, &schema, state)?)
        }
    };
    table.select(state, columns, &filters).await
}

/// With types brought together and everything constant computed; some functions exist only until
/// then.
pub fn simplified(expr: Expr, schema: &DFSchema, state: &SessionState) -> Result<Expr> {
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(Arc::clone(state.config_options()))
        .build();
    let simplifier = ExprSimplifier::new(context);
    simplifier.simplify(simplifier.coerce(expr, schema)?)
}

fn bind(expr: Expr, params: &[ScalarValue]) -> Result<Expr> {
    let bound = expr.transform_up(|node| {
        let Expr::Placeholder(placeholder) = &node else { return Ok(Transformed::no(node)) };
        let number = placeholder.id.strip_prefix('$').and_then(|n| n.parse::<usize>().ok());
        match number.and_then(|n| params.get(n.wrapping_sub(1))) {
            Some(value) => Ok(Transformed::yes(Expr::Literal(value.clone(), None))),
            None => plan_err!("no value for placeholder {}", placeholder.id),
        }
    })?;
    Ok(bound.data)
}

pub fn column_indices(schema: &Schema, names: &[String]) -> Result<Vec<usize>> {
    let index = |name: &String| schema.index_of(name).map_err(|e| plan_datafusion_err!("{e}"));
    names.iter().map(index).collect()
}
