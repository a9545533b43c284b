//! Entries of map columns that are stored in columns of their own: `map['key']` reads the column.

use std::collections::HashMap;

use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawFieldAccessExpr};
use datafusion::logical_expr::{Expr, GetFieldAccess};

#[derive(Debug)]
pub struct MapEntries {
    /// By map column and key.
    columns: HashMap<(String, String), String>,
}

impl MapEntries {
    /// Triples of map column, key and the column of its values.
    pub fn new(entries: &[String]) -> Self {
        let columns = entries
            .chunks_exact(3)
            .map(|entry| ((entry[0].clone(), entry[1].clone()), entry[2].clone()))
            .collect();
        Self { columns }
    }

    fn column(&self, access: &RawFieldAccessExpr, schema: &DFSchema) -> Option<Column> {
        let Expr::Column(map) = &access.expr else { return None };
        let GetFieldAccess::NamedStructField { name } = &access.field_access else { return None };
        let key = name.try_as_str()??;
        let name = self.columns.get(&(map.name.clone(), key.to_string()))?;
        let column = Column::new(map.relation.clone(), name);
        schema.has_column(&column).then_some(column)
    }
}

impl ExprPlanner for MapEntries {
    fn plan_field_access(
        &self,
        access: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        Ok(match self.column(&access, schema) {
            Some(column) => PlannerResult::Planned(Expr::Column(column)),
            None => PlannerResult::Original(access),
        })
    }
}
