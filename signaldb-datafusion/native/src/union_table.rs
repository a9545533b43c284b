//! A table whose rows come from several places: files, and batches that Java has read. Queries are
//! analyzed against its columns before the places are known, so that only what is used is fetched.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;

use crate::types::engine_schema;

#[derive(Debug)]
pub struct UnionTable {
    schema: SchemaRef,
    parts: RwLock<Vec<Arc<dyn TableProvider>>>,
}

impl UnionTable {
    /// A table without rows. Its columns are nullable: a part may lack them.
    pub fn new(declared: &Schema) -> Self {
        let fields = engine_schema(declared).fields.iter().map(nullable).collect::<Vec<_>>();
        Self { schema: Arc::new(Schema::new(fields)), parts: RwLock::default() }
    }

    /// The columns, in the engine's types.
    pub fn columns(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds rows to what plans made from now on read. Columns are matched by name and have the
    /// types of [`Self::columns`]; absent ones are null.
    pub fn add(&self, part: Arc<dyn TableProvider>) {
        self.parts.write().unwrap_or_else(PoisonError::into_inner).push(part);
    }

    async fn scan_part(
        &self,
        part: &dyn TableProvider,
        state: &dyn Session,
        wanted: &[FieldRef],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let has = part.schema();
        let present = wanted.iter().filter_map(|field| has.index_of(field.name()).ok()).collect();
        let scan = part.scan(state, Some(&present), &[], limit).await?;
        if present.len() == wanted.len() {
            return Ok(scan);
        }
        let scanned = scan.schema();
        let columns = wanted.iter().map(|field| {
            let column: Arc<dyn PhysicalExpr> = match scanned.index_of(field.name()) {
                Ok(index) => Arc::new(Column::new(field.name(), index)),
                Err(_) => Arc::new(Literal::new(ScalarValue::try_from(field.data_type())?)),
            };
            Ok((column, field.name().clone()))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(ProjectionExec::try_new(columns, scan)?))
    }
}

fn nullable(field: &FieldRef) -> FieldRef {
    Arc::new(field.as_ref().clone().with_nullable(true))
}

#[async_trait]
impl TableProvider for UnionTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// The planner offers the filters again to the scans of the parts.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => self.schema.clone(),
        };
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut scans = Vec::with_capacity(parts.len());
        for part in &parts {
            scans.push(self.scan_part(part.as_ref(), state, &schema.fields, limit).await?);
        }
        match scans.len() {
            0 => Ok(Arc::new(EmptyExec::new(schema))),
            _ => UnionExec::try_new(scans),
        }
    }
}
